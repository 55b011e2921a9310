"""Data sets: the real download code against a server of our own, folders, subsets and
scaling.
"""

import gzip
import http.server
import io
import os
import pickle
import tarfile
import threading
from functools import partial
from hashlib import md5
from pathlib import Path

import numpy as np
import pytest

from lrlib.networks import data

ROOT = Path(__file__).resolve().parents[1]
SHARED = (
    Path(os.environ.get("LRLIB_REFERENCE", ROOT.parent / "shared" / "reference")).parent
    / "data"
)
RNG = np.random.default_rng(7)
IMAGES = {
    name: RNG.integers(0, 256, (12, 3072), dtype=np.uint8)
    for name in ("1", "2", "test")
}


def cifar_archive(
    keys=("data_batch_1", "data_batch_2", "test_batch"), label=b"labels"
) -> bytes:
    """In the format of the original: pickled dictionaries with bytes as keys, planes of
    red, green, blue.
    """
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for key, images in zip(keys, IMAGES.values(), strict=False):
            batch = pickle.dumps(
                {b"data": images, label: list(range(10)) + [1, 2]}, protocol=2
            )
            member = tarfile.TarInfo(f"cifar/{key}")
            member.size = len(batch)
            archive.addfile(member, io.BytesIO(batch))
    return raw.getvalue()


def idx(array: np.ndarray) -> bytes:
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    return gzip.compress(head + array.astype(np.uint8).tobytes())


FILES = {
    "cifar-10-python.tar.gz": cifar_archive(),
    "cifar-100-python.tar.gz": cifar_archive(("train", "test"), b"fine_labels"),
    "train-images-idx3-ubyte.gz": idx(RNG.integers(0, 256, (20, 28, 28))),
    "train-labels-idx1-ubyte.gz": idx(np.arange(20) % 10),
}


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Serves FILES; the table of sources points to it, the cache is empty."""
    folder = tmp_path / "served"
    folder.mkdir()
    for name, raw in FILES.items():
        (folder / name).write_bytes(raw)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *words: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{httpd.server_port}/"
        sums = {name: f"md5:{md5(raw).hexdigest()}" for name, raw in FILES.items()}
        monkeypatch.setattr(
            data, "SOURCES", {name: (address, total) for name, total in sums.items()}
        )
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.delenv(data.FOLDER, raising=False)
        monkeypatch.delenv("LRLIB_CACHE", raising=False)
        yield httpd
        httpd.shutdown()


def test_cifar10_is_downloaded_once_and_scaled_by_all_training_images(server):
    found = data.cifar10(5)
    server.shutdown()
    again = data.cifar10(5)  # from the cache
    assert (
        np.array_equal(found.x, again.x)
        and found.x.shape == (5, 3072)
        and found.y.sum() == 5
    )
    train = (
        np.concatenate([IMAGES["1"], IMAGES["2"]])
        .reshape(-1, 3, 32, 32)
        .transpose(0, 2, 3, 1)
        .reshape(-1, 3072)
        / 255
    )
    rows = np.random.default_rng(0).permutation(24)[:5]
    np.testing.assert_allclose(
        found.x, ((train - train.mean(0)) / train.std(0))[rows], rtol=1e-10, atol=1e-12
    )
    assert found.y.argmax(1).tolist() == np.array([*range(10), 1, 2] * 2)[rows].tolist()


def test_the_test_split_is_scaled_by_the_training_images(server):
    train = np.concatenate([IMAGES["1"], IMAGES["2"]]) / 255
    planes = (IMAGES["test"] / 255 - train.mean(0)) / train.std(0)
    expected = planes.reshape(-1, 3, 1024).transpose(0, 2, 1).reshape(12, 3072)
    found = data.cifar10(12, split="test", seed=3)
    np.testing.assert_allclose(
        found.x,
        expected[np.random.default_rng(3).permutation(12)],
        rtol=1e-10,
        atol=1e-12,
    )


def test_cifar100_and_mnist_come_from_their_formats(server):
    assert data.cifar100(3).y.shape == (3, 100)
    found = data.mnist(20)
    assert (
        found.x.shape == (20, 784)
        and abs(found.x.mean()) < 1e-12
        and found.x.std() == pytest.approx(1)
    )
    assert found.y.sum(axis=0).tolist() == [2.0] * 10


def test_a_damaged_download_is_refused(server, monkeypatch):
    name = "cifar-10-python.tar.gz"
    monkeypatch.setitem(data.SOURCES, name, (data.SOURCES[name][0], "md5:" + "0" * 32))
    with pytest.raises(
        data.DataError, match="cifar-10-python.tar.gz: damaged on the way"
    ):
        data.cifar10()


def test_without_network_or_file_it_says_what_to_do(server, monkeypatch):
    address = "http://127.0.0.1:1/"
    monkeypatch.setitem(
        data.SOURCES, "cifar-10-python.tar.gz", (address, "md5:" + "0" * 32)
    )
    with pytest.raises(
        data.DataError, match=r"no way to .*LRLIB_DATA; or use data.digits\(\)"
    ):
        data.cifar10()


def test_archives_in_a_folder_are_checked_before_they_are_opened(
    server, tmp_path, monkeypatch
):
    expected = data.cifar10(6).x
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "cifar-10-python.tar.gz").write_bytes(FILES["cifar-10-python.tar.gz"])
    monkeypatch.setenv(data.FOLDER, str(folder))
    assert np.array_equal(data.cifar10(6).x, expected)
    (folder / "cifar-10-python.tar.gz").write_bytes(b"not an archive")
    with pytest.raises(data.DataError, match="damaged or another file"):
        data.cifar10(6)
    monkeypatch.setenv(data.FOLDER, str(tmp_path / "nowhere"))
    with pytest.raises(data.DataError, match="LRLIB_DATA: got .*nowhere"):
        data.cifar10(6)


def test_folders_of_torchvision_are_understood(server, tmp_path, monkeypatch):
    expected = [data.cifar10(6), data.cifar10(6, split="test"), data.cifar100(3)]
    expected.append(data.mnist(20))
    root = tmp_path / "torchvision"
    sums = {}
    for name in ("cifar-10-python.tar.gz", "cifar-100-python.tar.gz"):
        folder = data.UNPACKED[name][0]
        (root / folder).mkdir(parents=True)
        with tarfile.open(fileobj=io.BytesIO(FILES[name])) as archive:
            raw = {Path(m.name).name: archive.extractfile(m).read() for m in archive}
        for batch, text in raw.items():
            (root / folder / batch).write_bytes(text)
        sums[name] = (folder, {k: f"md5:{md5(v).hexdigest()}" for k, v in raw.items()})
    (root / "MNIST" / "raw").mkdir(parents=True)
    for name in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"):
        (root / "MNIST" / "raw" / name).write_bytes(FILES[name])
    server.shutdown()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    monkeypatch.setattr(data, "UNPACKED", sums)
    monkeypatch.setenv(data.FOLDER, str(root))
    found = [data.cifar10(6), data.cifar10(6, split="test"), data.cifar100(3)]
    found.append(data.mnist(20))
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one.x, other.x) and np.array_equal(one.y, other.y)
    batch = root / "cifar-10-batches-py" / "data_batch_2"
    batch.write_bytes(batch.read_bytes() + b"more")  # a pickle that is not to be opened
    with pytest.raises(data.DataError, match="data_batch_2: damaged or another file"):
        data.cifar10(6)
    batch.unlink()
    with pytest.raises(
        data.DataError, match="data_batch_2: not there; allowed are all"
    ):
        data.cifar10(6)


@pytest.mark.parametrize("code", [403, 404, 503])
def test_an_answer_that_is_no_file_shows_its_number(server, monkeypatch, code):
    def refuse(handler):
        handler.send_error(code)

    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "do_GET", refuse)
    with pytest.raises(data.DataError, match=f"answers {code} .*LRLIB_DATA; or use"):
        data.cifar10()


def test_a_disk_that_cannot_be_written_is_not_called_a_missing_network(
    server, monkeypatch
):
    monkeypatch.setattr(data, "cache_folder", lambda: Path("/dev/null/cache"))
    with pytest.raises(data.DataError, match="cannot be written to /dev/null/cache"):
        data.cifar10()


def test_an_npz_copy_gives_what_the_archive_gives(server, tmp_path, monkeypatch):
    expected = data.cifar10(6)
    images = {
        k: v.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1) for k, v in IMAGES.items()
    }
    labels = np.array([*range(10), 1, 2], dtype=np.uint8)
    train = {
        "x_train": np.concatenate([images["1"], images["2"]]),
        "y_train": np.tile(labels, 2),
    }
    np.savez(tmp_path / "cifar10.npz", **train, x_test=images["test"], y_test=labels)
    monkeypatch.setenv(data.FOLDER, str(tmp_path))
    found = data.cifar10(6)
    assert (
        np.array_equal(found.x, expected.x)
        and np.array_equal(found.y, expected.y)
        and "npz" in found.note
    )


def test_an_npz_copy_of_another_form_is_refused_or_understood(tmp_path, monkeypatch):
    monkeypatch.setenv(data.FOLDER, str(tmp_path))
    images = np.zeros((12, 32, 32, 3), np.uint8)
    labels = np.arange(12, dtype=np.uint8) % 10
    whole = {"x_train": images, "y_train": labels, "x_test": images, "y_test": labels}

    def message(**changes):
        np.savez(
            tmp_path / "cifar10.npz",
            **{k: v for k, v in (whole | changes).items() if v is not None},
        )
        with pytest.raises(data.DataError) as refused:
            data.cifar10(6)
        return str(refused.value)

    # as Keras has it
    np.savez(tmp_path / "cifar10.npz", **whole | {"y_train": labels[:, None]})
    assert data.cifar10(6).y.shape == (6, 10)
    assert "x_train: got shape (12, 3, 32, 32)" in message(
        x_train=images.transpose(0, 3, 1, 2)
    )
    assert "got 11 labels" in message(y_train=labels[:11])
    assert "no arrays x_train, x_train and y_train" in message(y_train=None)
    (tmp_path / "cifar10.npz").write_bytes(b"half")
    with pytest.raises(data.DataError, match="cifar10.npz: no arrays"):
        data.cifar10(6)


def test_digits_are_centred_and_divided_by_one_number():
    whole = data.digits(1797)
    assert np.abs(
        whole.x.mean(axis=0)
    ).max() < 1e-12 and whole.x.std() == pytest.approx(1)
    few = data.digits(100, seed=5)
    assert np.array_equal(
        few.x, data.digits(200, seed=5).x[:100]
    ) and not np.array_equal(few.x, whole.x[:100])
    assert set(np.unique(few.y)) == {0.0, 1.0} and (few.y.sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: data.digits(0), "n: got 0"),
        (lambda: data.digits(1798), "n: got 1798"),
        (lambda: data.digits(seed=-1), "seed: got -1"),
        (lambda: data.mnist(split="valid"), "split: got 'valid'"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_real_mnist_files_pass_their_checksum(monkeypatch, tmp_path):
    real = sorted(SHARED.glob("mnist_t10k-*.gz"))
    if len(real) != 2:
        pytest.skip(
            "needs the real MNIST test files in the folder data beside the one "
            "that LRLIB_REFERENCE names"
        )
    for path in real:
        (tmp_path / path.name.removeprefix("mnist_")).symlink_to(path)
    monkeypatch.setenv(data.FOLDER, str(tmp_path))
    found = data.mnist(500, split="test")
    assert found.x.shape == (500, 784) and found.y.sum(axis=0).min() > 25
