"""Widgets that live in a page without a kernel, and sync both ways where there is one."""

from .descent_1d import Descent1D
from .flow_vs_descent import FlowVsDescent
from .frame import Band
from .outcome_bars import OutcomeBars

__all__ = ["Band", "Descent1D", "FlowVsDescent", "OutcomeBars"]
