"""As Jupyter mounts a widget: it renders into a node that joins the page afterwards."""

import pytest
from browser import stand_in

from lrlib import widgets, zoo

ANY = "book/how-to-read.html"
MOUNT = """async ({ esm, css, state }) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  const model = {
    get: (name) => state[name],
    set: (values) => Object.assign(state, values),
    on() {},
    off() {},
    save_changes() {},
  };
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const el = document.createElement("div");
  await widget.render({ model, el });
  document.body.append(el);
  const frame = () => new Promise(requestAnimationFrame);
  for (let i = 0; i < 6; i++) await frame();
  const canvas = el.querySelector("canvas.lr-picture");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 255) seen.add(`${data[i]} ${data[i + 1]} ${data[i + 2]}`);
  }
  return [...seen];
}"""
MADE = {
    "Descent1D": lambda: widgets.Descent1D(zoo.quadratic, lr=0.5, start=2.0),
    "Descent2D": lambda: widgets.Descent2D(
        zoo.scalar_factorisation, lr=0.3, start=(0.5, 1.4)
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_colours_are_read_once_the_widget_is_in_the_page(open_page, name):
    """Before that no style holds: the picture would be black and stay so."""
    made = MADE[name]()
    page = open_page(
        ANY, rewrite=stand_in(widgets.Descent1D(zoo.quadratic, lr=1, start=1))
    )
    state = {k: v for k, v in made.get_state().items() if not k.startswith("_model")}
    given = {"esm": made._esm, "css": made._css, "state": state}
    colours = page.evaluate(MOUNT, given)
    assert len(colours) > 20
    bright = [c for c in colours if len(set(c.split())) > 1]
    assert bright, "only grey and black"
