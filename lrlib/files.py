"""Files that are written whole, or not at all; the folder of what can be made again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path


@contextmanager
def whole_file(path: Path | str) -> Iterator[Path]:
    """A path beside `path` to write to, which replaces `path` in one move at the end.

    A reader finds the old file or the new one, also where the writer is killed or the
    machine stops. Where the body raises, the old file stays and the draft is removed.
    The folder is made if it is missing.

    >>> from tempfile import mkdtemp
    >>> target = Path(mkdtemp()) / "new" / "notes.txt"
    >>> with whole_file(target) as draft:
    ...     size = draft.write_text("all of it")
    >>> target.read_text()
    'all of it'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # the process in the name: two writers of one file do not share a draft
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield draft
        # on the disk before it gets the name
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def write_whole(path: Path | str, text: str) -> None:
    """Write `text` as UTF-8 with `whole_file`."""
    with whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8")


def cache_folder() -> Path:
    """The user's folder of generated modules and downloads, made if it is missing.

    LRLIB_CACHE names it; else it is ``lrlib`` in XDG_CACHE_HOME or in ``~/.cache``.
    Where none of them can be written, or the user has no home, it is a temporary folder,
    the same one as long as the process lives.
    """
    try:
        folder = _named_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    # RuntimeError: neither HOME nor an entry in the list of users
    except (OSError, RuntimeError):
        return _temporary_folder()


def _named_folder() -> Path:
    own = os.environ.get("LRLIB_CACHE")
    if own:
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "lrlib"


@cache
def _temporary_folder() -> Path:
    # a name of its own: what lies in a folder that others can make is not to be run
    return Path(tempfile.mkdtemp(prefix="lrlib-"))
