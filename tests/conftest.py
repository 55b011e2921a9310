"""What the tests share."""

import json
import os
import shutil
import subprocess

import matplotlib
import pytest

pytest.register_assert_rewrite("agreement", "browser")
from browser import chromium, open_page, origin  # noqa: E402, F401 (fixtures)

matplotlib.use("Agg")

_DRIVER = """
const text = require("fs").readFileSync(0, "utf8");
const data = JSON.parse(text, (key, value) => value && value.float ? Number(value.float) : value);
const plain = (key, value) =>
  typeof value === "number" && !Number.isFinite(value) ? { float: String(value) }
    : ArrayBuffer.isView(value) ? Array.from(value) : value;
const evaluate = (source) => new Function(`return ${source}`)();
const answer = ((data) => { %s })(data);
process.stdout.write(JSON.stringify(answer, plain));
"""


def run_javascript(body: str, data=None):
    """What `body` returns, a function body that sees `data` and ``evaluate(source)``;
    NaN and Infinity survive.
    """
    source = _DRIVER % body
    run = subprocess.run(
        ["node", "-e", source], input=json.dumps(data), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(
        run.stdout,
        object_hook=lambda o: (
            float(o["float"].replace("Infinity", "inf")) if "float" in o else o
        ),
    )


@pytest.fixture(scope="session")
def node():
    """`run_javascript`; without node a stated skip, on CI a failure."""
    if shutil.which("node") is None:
        message = (
            "node is not installed: what runs in the page is not compared with Python"
        )
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return run_javascript
