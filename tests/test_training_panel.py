"""The live panel: one press trains and draws; a run that diverges is told, not drawn as
NaN.
"""

import pytest

from lrlib.networks import data
from lrlib.widgets import training_panel


@pytest.mark.parametrize(
    ("network", "lr", "told"),
    [
        ("relu-mse", 0.01, "of one run: loss 0."),
        ("relu3-mse", 0.1, "diverged at step "),
    ],
)
def test_a_press_trains_and_draws(network, lr, told, capsys):
    panel = training_panel.training_panel(data.digits(100))
    controls = {
        child.description: child
        for child in panel.children
        if hasattr(child, "description")
    }
    assert set(controls) == {"network", "lr", "n_steps", "seed", "Train"}
    controls["network"].value, controls["lr"].value, controls["n_steps"].value = (
        network,
        lr,
        50,
    )
    assert panel.result is None  # nothing runs before the press
    controls["Train"].click()
    assert told in panel.result.alt
