"""Files that are written whole: the old one or the new one, and no draft is left."""

import pytest

from lrlib.files import whole_file, write_whole


def test_a_file_appears_with_all_that_was_written(tmp_path):
    path = tmp_path / "folder" / "notes.txt"
    write_whole(path, "η = 2/λ\n")
    assert path.read_bytes() == "η = 2/λ\n".encode()
    with whole_file(path) as draft:
        draft.write_bytes(b"\0\1")
        assert path.read_bytes() == "η = 2/λ\n".encode()
    assert path.read_bytes() == b"\0\1"
    assert list(path.parent.iterdir()) == [path]


def test_a_writer_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "notes.txt"
    write_whole(path, "old")
    with pytest.raises(KeyboardInterrupt), whole_file(path) as draft:
        draft.write_text("half of")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
