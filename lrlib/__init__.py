"""Gradient descent with large learning rates; importing this does no work, names load
on first use.
"""

from importlib import import_module

_HOME = {
    "Landscape": "landscape",
    "Box": "landscape",
    "gradient_descent": "descent",
    "sgd": "descent",
    "ensemble": "descent",
    "gradient_flow": "flows",
    "modified_flow": "flows",
    "modified_field": "flows",
    "flow_error": "flows",
    "uniform": "noise",
    "normal": "noise",
    "claim": "claims",
    "train": "training",
    "sharpness": "curvature",
}
_MODULES = (
    "claims",
    "codegen",
    "curvature",
    "data",
    "descent",
    "dynamics",
    "experiments",
    "figures",
    "flows",
    "landscape",
    "networks",
    "noise",
    "outcomes",
    "probes",
    "results",
    "training",
    "widgets",
    "zoo",
)
__all__ = [*_HOME, "zoo"]


def __getattr__(name: str):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
