"""Execute stale notebooks in parallel before Sphinx reads them.

Kernels dominate a full build and myst-nb starts them one at a time. This fills the
cache myst-nb reads. It is only a head start: a notebook that fails here, or is lost, is
run again by myst-nb, which reports it against its page.
"""

import os
import shutil
from concurrent.futures import ProcessPoolExecutor, as_completed
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import create_nb_reader
from sphinx.util import logging

logger = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
SOURCES = {".py", ".js", ".css", ".mplstyle"}


def library_hash(root=ROOT):
    """Hash of everything outside a notebook that its outputs depend on."""
    digest = sha256()
    files = [p for p in (root / "lrlib").rglob("*") if p.suffix in SOURCES]
    files += (root / "results").glob("*.json")  # the pages draw recorded runs
    for path in sorted(files) + [root / "constraints.txt"]:
        digest.update(
            path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes()
        )
    return digest.hexdigest()


def drop_stale_cache(app, config):
    """The cache keys on cells only: without this, a changed lrlib leaves old numbers in
    the site.
    """
    config.lrlib_hash = library_hash()
    cache = Path(app.outdir).parent / ".jupyter_cache"
    stamp = cache.parent / "lrlib.sha256"
    if cache.exists() and not (
        stamp.exists() and stamp.read_text() == config.lrlib_hash
    ):
        shutil.rmtree(cache)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(config.lrlib_hash)


def run(path, notebook, timeout):
    return single_nb_execution(
        notebook,
        cwd=str(Path(path).parent),
        timeout=timeout,
        allow_errors=False,
        # each kernel warns that it speaks TCP on localhost
        extra_arguments=["--log-level=ERROR"],
    )


def stale_notebooks(env, cache, docnames):
    """(path, notebook) of the pages, .ipynb or text with code cells, that the cache
    does not hold.
    """
    for path in map(env.doc2path, sorted(docnames)):
        content = Path(path).read_text(encoding="utf8")
        reader = create_nb_reader(path, env.myst_config, env.mystnb_config, content)
        if reader is None:  # plain text
            continue
        notebook = reader.read(content)
        if any(cell.cell_type == "code" for cell in notebook.cells):
            try:
                cache.match_cache_notebook(notebook)
            except KeyError:
                yield path, notebook


def execute(app, env, docnames):
    settings = env.mystnb_config
    if settings.execution_mode != "cache":
        return
    cache = get_cache(settings.execution_cache_path)
    stale = list(stale_notebooks(env, cache, docnames))
    workers = min(len(stale), os.cpu_count() or 1)
    if workers < 2:  # nothing to gain over myst-nb's own execution
        return
    # kernels that run side by side would fight for the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # spawn: forking a process that holds sockets and an open database is not safe
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = {
            pool.submit(run, path, notebook, settings.execution_timeout): path
            for path, notebook in stale
        }
        for job in as_completed(jobs):
            keep(cache, jobs[job], job)


def keep(cache, path, job):
    if job.exception() or job.result().err:
        logger.info(
            "%s failed in the parallel run; it is run again for the report", path
        )
        return
    result = job.result()
    data = {"execution_seconds": result.time}
    bundle = CacheBundleIn(result.nb, path, data=data)
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    logger.info("executed %s in %.1f s", Path(path).name, result.time)


def setup(app):
    # "env": every page is read again on a change
    app.add_config_value("lrlib_hash", "", "env")
    app.connect("config-inited", drop_stale_cache, priority=900)
    app.connect("env-before-read-docs", execute)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
