"""Gradient descent with large learning rates; importing this does no work, names load
on first use.
"""

from .lazy import attach

# where the names live; sub-packages are found by import itself
_HOME = {
    "Landscape": "landscapes.formula",
    "Box": "landscapes.contract",
    "Objective": "landscapes.contract",
    "gradient_descent": "descent.ensembles",
    "sgd": "descent.ensembles",
    "ensemble": "descent.ensembles",
    "gradient_flow": "descent.flows",
    "modified_flow": "descent.flows",
    "modified_field": "descent.flows",
    "flow_error": "descent.flows",
    "uniform": "descent.noise",
    "normal": "descent.noise",
    "claim": "claims",
    "train": "networks.training",
    "Settings": "networks.settings",
    "Architecture": "networks.settings",
    "sharpness": "networks.curvature",
}
_MODULES = {
    "claims": "claims",
    "curvature": "networks.curvature",
    "data": "networks.data",
    "dynamics": "longrun.dynamics",
    "edge": "records.edge",
    "experiments": "records.experiments",
    "figures": "figures",
    "flows": "descent.flows",
    "landscape": "landscapes.formula",
    "models": "networks.models",
    "noise": "descent.noise",
    "outcomes": "descent.outcomes",
    "probes": "networks.probes",
    "results": "records.store",
    "training": "networks.training",
    "widgets": "widgets",
    "zoo": "landscapes.zoo",
}
__all__ = [*_HOME, "zoo"]
__getattr__ = attach(__name__, _HOME, _MODULES)
