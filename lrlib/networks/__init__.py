"""Networks: data, models, training, Hessians and their eigenvalues."""

from importlib import import_module


def __getattr__(name: str):
    """The networks themselves: ``lrlib.networks.two_layer`` needs torch, the package does not."""
    models = import_module(f"{__name__}.models")
    if name.startswith("_") or not hasattr(models, name):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(models, name)
