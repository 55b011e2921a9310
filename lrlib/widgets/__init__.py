"""Widgets that live in the built pages without a kernel, and sync with Python in
JupyterLab.
"""

from ..lazy import attach

# a page that shows one widget depends on that one's modules only
_HOME = {
    "Band": "bands",
    "BasinMap": "basin_map",
    "Bifurcation": "bifurcation",
    "Descent1D": "descent_1d",
    "Descent2D": "descent_2d",
    "FlowVsDescent": "flow_vs_descent",
    "OutcomeBars": "outcome_bars",
    "RunExplorer": "run_explorer",
    "SmoothedDescent": "smoothed_descent",
}
__all__ = [*_HOME]
__getattr__ = attach(__name__, _HOME)
