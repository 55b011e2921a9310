"""What gradient descent does in the long run; `lrlib.dynamics` gives these names."""

from .cycles import cycles, distance_to_cycle, multipliers, refine_cycles
from .dimension import below_weierstrass, edge_dimension, expansion_dimension
from .extended import extended_descent, saddle_starts
from .lyapunov import lyapunov
from .scans import bifurcation

__all__ = [
    "below_weierstrass",
    "bifurcation",
    "cycles",
    "distance_to_cycle",
    "edge_dimension",
    "expansion_dimension",
    "extended_descent",
    "lyapunov",
    "multipliers",
    "refine_cycles",
    "saddle_starts",
]
