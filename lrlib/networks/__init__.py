"""Networks: data, models, training, Hessians and their eigenvalues."""

from ..lazy import attach

_HOME = {
    "LOSSES": "models",
    "Network": "models",
    "huber": "models",
    "mse": "models",
    "three_layer": "models",
    "two_layer": "models",
}
__all__ = [*_HOME]
__getattr__ = attach(__name__, _HOME)
