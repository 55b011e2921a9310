"""Descent in processes: children that were forked after their parent used threads, and
homes in which nothing can be written.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lrlib import files

# what a parent does before it forks, and its children after that
SCRIPT = """
import json, multiprocessing, os
import numpy as np
from lrlib import ensemble, uniform, zoo
from lrlib.longrun.lyapunov import lyapunov

many = np.linspace(1.1, 1.9, 3000)

def work(scale):
    noisy = ensemble(zoo.quadratic, many, lr=0.1 * scale, n_steps=9, noise=uniform(1.0))
    few = ensemble(zoo.quadratic, many[:5], lr=0.1 * scale, n_steps=9)
    exponents = lyapunov(zoo.quadratic, many[:5], lr=0.1 * scale, n_steps=9)
    return [noisy.final.sum(), few.final.sum(), exponents.sum()]

here = [work(1), work(2)]
with multiprocessing.get_context("fork").Pool(2) as pool:
    there = pool.map(work, [1, 2])
child = os.fork()
if child == 0:
    os._exit(0 if work(1) == here[0] else 1)
alone = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps({"here": here, "there": there, "alone": alone, "after": work(1)}))
"""


def run(script, **variables):
    """What a fresh Python prints, in this environment but for `variables`."""
    environment = os.environ | variables
    environment = {k: v for k, v in environment.items() if v is not None}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forked_children_descend_as_their_parent_does(tmp_path):
    found = run(SCRIPT, NUMBA_NUM_THREADS="2", OMP_NUM_THREADS="2")
    assert found["there"] == found["here"]
    assert found["alone"] == 0 and found["after"] == found["here"][0]


# a user without an entry in the list of users, as in many containers
HOMELESS = """
import json, pwd, os
def unknown(uid):
    raise KeyError(uid)
pwd.getpwuid = unknown
from lrlib import gradient_descent, zoo
from lrlib.files import cache_folder
folder = cache_folder()
orbit = gradient_descent(zoo.quadratic, 1.0, lr=2.0, n_steps=1)
print(json.dumps([str(folder), str(cache_folder()), orbit.ravel().tolist()]))
"""
NO_HOME = {"HOME": None, "XDG_CACHE_HOME": None, "LRLIB_CACHE": None}


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"HOME": "/dev/null"},
        {"XDG_CACHE_HOME": "/dev/null/cache"},
        {"LRLIB_CACHE": "/dev/null"},
    ],
    ids=str,
)
def test_without_a_home_the_cache_is_a_temporary_folder(variables, tmp_path):
    folder, again, orbit = run(
        HOMELESS, **NO_HOME | {"TMPDIR": str(tmp_path)} | variables
    )
    assert folder == again and Path(folder).parent == tmp_path
    assert list(Path(folder).glob("kernel_*.py"))
    assert orbit == [1.0, -1.0]


@pytest.mark.parametrize("variable", ["LRLIB_CACHE", "XDG_CACHE_HOME", "HOME"])
def test_the_cache_is_where_its_variable_says(variable, tmp_path, monkeypatch):
    for name in NO_HOME:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    below = {"LRLIB_CACHE": "", "XDG_CACHE_HOME": "lrlib", "HOME": ".cache/lrlib"}
    assert files.cache_folder() == tmp_path / below[variable]
