"""What gradient descent does in the long run; `lrlib.dynamics` gives these names."""

from .cycles import cycles, distance_to_cycle, multipliers, refine_cycles
from .extended import extended_descent, saddle_starts
from .lyapunov import lyapunov
from .scans import bifurcation

__all__ = [
    "bifurcation",
    "cycles",
    "distance_to_cycle",
    "extended_descent",
    "lyapunov",
    "multipliers",
    "refine_cycles",
    "saddle_starts",
]
