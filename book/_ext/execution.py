"""Execute stale notebooks in parallel before Sphinx reads them.

Kernels dominate a full build and myst-nb starts them one at a time. This fills the
cache myst-nb reads. It is only a head start: a notebook that fails here, or is lost, is
run again by myst-nb, which reports it against its page.
"""

import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from dependencies import Library
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import create_nb_reader
from sphinx.util import logging

logger = logging.getLogger(__name__)
DIGEST = "lrlib_digest"  # in the cache's record of a page


def code_of(notebook):
    """The code cells of a page, without what only IPython understands."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    lines = "\n".join(cells).split("\n")
    return "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))


def notebook_of(env, docname):
    """(path, notebook) of a page, .ipynb or text with code cells; None for plain text."""
    path = env.doc2path(docname)
    content = Path(path).read_text(encoding="utf8")
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, content)
    notebook = reader and reader.read(content)
    return (path, notebook) if notebook and code_of(notebook) else None


def outdated(app, env, added, changed, removed):
    """Pages to read again: those whose code, or what it imports, is not as it was."""
    library = Library()
    pages = {docname: notebook_of(env, docname) for docname in env.found_docs}
    now = {
        docname: library.digest(code_of(page[1]))
        for docname, page in pages.items()
        if page
    }
    before = env.__dict__.get("lrlib_digests", {})
    env.lrlib_digests = now
    return [docname for docname in now if before.get(docname) != now[docname]]


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
    """(path, notebook, digest) of the pages that the cache holds not at all, or as they
    were made by another library.
    """
    for docname in sorted(docnames):
        page = notebook_of(env, docname)
        if page is None:
            continue
        digest = env.lrlib_digests[docname]
        try:
            record = cache.match_cache_notebook(page[1])
        except KeyError:
            yield *page, digest
            continue
        if (record.data or {}).get(DIGEST) != digest:
            cache.remove_cache(record.pk)
            yield *page, digest


def execute(app, env, docnames):
    settings = env.mystnb_config
    if settings.execution_mode != "cache":
        return
    cache = get_cache(settings.execution_cache_path)
    stale = list(stale_notebooks(env, cache, docnames))
    if not stale:
        return
    workers = min(len(stale), os.cpu_count() or 1)
    # kernels that run side by side would fight for the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # spawn: forking a process that holds sockets and an open database is not safe
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = {
            pool.submit(run, path, notebook, settings.execution_timeout): (path, digest)
            for path, notebook, digest in stale
        }
        for job in as_completed(jobs):
            keep(cache, *jobs[job], job)


def keep(cache, path, digest, job):
    if job.exception() or job.result().err:
        logger.info("%s failed here; it is run again for the report", path)
        return
    result = job.result()
    data = {"execution_seconds": result.time, DIGEST: digest}
    bundle = CacheBundleIn(result.nb, path, data=data)
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    logger.info("executed %s in %.1f s", Path(path).name, result.time)


def setup(app):
    app.connect("env-get-outdated", outdated)
    app.connect("env-before-read-docs", execute)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
