"""Widgets that live in a page without a kernel, and sync both ways where there is one."""

from .basin_map import BasinMap
from .bifurcation import Bifurcation
from .descent_1d import Descent1D
from .descent_2d import Descent2D
from .flow_vs_descent import FlowVsDescent
from .landscape_frame import Band
from .outcome_bars import OutcomeBars
from .run_explorer import RunExplorer
from .smoothed_descent import SmoothedDescent

__all__ = [
    "Band",
    "BasinMap",
    "Bifurcation",
    "Descent1D",
    "Descent2D",
    "FlowVsDescent",
    "OutcomeBars",
    "RunExplorer",
    "SmoothedDescent",
]
