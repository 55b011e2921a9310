"""Files that are written whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
