"""Widgets that live in a page without a kernel, and sync both ways where there is one."""

from .bifurcation import Bifurcation
from .descent_1d import Descent1D
from .frame import Band
from .outcome_bars import OutcomeBars

__all__ = ["Band", "Bifurcation", "Descent1D", "OutcomeBars"]
