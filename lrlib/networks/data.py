"""Images as arrays: digits that need no network, MNIST and CIFAR by download or from a
folder.

`cifar10`, `cifar100` and `mnist` look first in the folder that the environment variable
LRLIB_DATA names, then in a cache, and else download; every archive is checked before it
is opened.
"""

from __future__ import annotations

import gzip
import os
import pickle
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..checks import named, whole

FOLDER = "LRLIB_DATA"
_CIFAR = "https://www.cs.toronto.edu/~kriz/"
_MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist/"
SOURCES = {  # file: (address, checksum)
    "cifar-10-python.tar.gz": (_CIFAR, "md5:c58f30108f718f92721af3b95e74349a"),
    "cifar-100-python.tar.gz": (_CIFAR, "md5:eb9058c3a382ffc7106e4002c42a8d85"),
    "train-images-idx3-ubyte.gz": (_MNIST, "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873"),
    "train-labels-idx1-ubyte.gz": (_MNIST, "md5:d53e105ee54ea40749a09fcbcd1e9432"),
    "t10k-images-idx3-ubyte.gz": (_MNIST, "md5:9fb629c4189551a2d022fa330f9573f3"),
    "t10k-labels-idx1-ubyte.gz": (_MNIST, "md5:ec29112dd5afa0611ce80d1b7f02629c"),
}
SPLITS = {"train": "train", "test": "t10k"}


class DataError(OSError):
    """A data set that cannot be had; the message says what to do."""


@dataclass(frozen=True)
class Data:
    """n samples: `x` of shape (n, dim), `y` of shape (n, classes) with a 1 at the class
    and 0 elsewhere.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    note: str = ""


def digits(n: int = 1000, *, seed: int = 0) -> Data:
    """Handwritten digits of scikit-learn, 8 x 8 pixels; they come with it, and need no
    network.

    Pixels are centred one by one and divided by one number, the standard deviation of
    them all: some pixels are nearly always 0, and dividing by their own would blow them
    up. `n` is at most 1797; the samples are the first of a permutation drawn from
    `seed`.
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    centre = pixels.mean(axis=0)
    return _chosen(
        "digits", pixels, labels, 10, n, seed, centre, (pixels - centre).std()
    )


def mnist(n: int = 1000, *, split: str = "train", seed: int = 0) -> Data:
    """Handwritten digits, 28 x 28 pixels, scaled as `digits`; centre and scale are
    those of the split.
    """
    prefix = named("split", split, SPLITS)
    images, labels = (
        _idx(_file(f"{prefix}-{kind}-ubyte.gz"))
        for kind in ("images-idx3", "labels-idx1")
    )
    pixels = images.reshape(len(images), -1) / 255
    centre = pixels.mean(axis=0)
    return _chosen(
        "mnist",
        pixels,
        labels,
        10,
        n,
        seed,
        centre,
        (pixels - centre).std(),
        note=f"of the {split} split",
    )


def cifar10(n: int = 1000, *, split: str = "train", seed: int = 0) -> Data:
    """Small photographs, 32 x 32 x 3, in ten classes; each pixel by the mean and
    deviation of all training images [W].

    Parameters
    ----------
    n
        Samples to take, at most 50,000 (training) or 10,000 (test).
    split
        "train" or "test".
    seed
        The samples are the first `n` of a permutation drawn from it.

    Raises
    ------
    DataError
        When there is neither a copy nor a network, or a file is damaged. A copy is the
        original archive, or `cifar10.npz` with the arrays x_train (50000, 32, 32, 3),
        y_train, x_test, y_test.
    """
    copied = _folder() / "cifar10.npz" if _folder() else None
    if copied and copied.exists():
        train, *wanted = _arrays(copied, _split(split))
        return _cifar(
            "cifar10",
            train.reshape(len(train), -1),
            *wanted,
            10,
            n,
            seed,
            note="from cifar10.npz",
        )
    return _from_archive(
        "cifar10", "cifar-10-python.tar.gz", split, b"labels", 10, n, seed
    )


def cifar100(n: int = 1000, *, split: str = "train", seed: int = 0) -> Data:
    """As `cifar10`, in a hundred classes."""
    return _from_archive(
        "cifar100", "cifar-100-python.tar.gz", split, b"fine_labels", 100, n, seed
    )


def _arrays(path: Path, split: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All training images, and the images and labels of a split."""
    try:
        with np.load(path, allow_pickle=False) as found:
            train = found["x_train"]
            images = found[f"x_{split}"]
            labels = found[f"y_{split}"].reshape(-1)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path}: no arrays x_train, x_{split} and y_{split} can be read ({error})"
        ) from None
    for name, array in {"x_train": train, f"x_{split}": images}.items():
        if array.shape[1:] != (32, 32, 3):
            raise DataError(
                f"{path}: {name}: got shape {array.shape}; allowed is (n, 32, 32, 3)"
            )
    if len(labels) != len(images):
        raise DataError(
            f"{path}: y_{split}: got {len(labels)} labels; allowed is one for "
            f"each of {len(images)} images"
        )
    return train, images, labels


def _split(split: str) -> str:
    named("split", split, SPLITS)
    return split


def _from_archive(name, archive, split, key, classes, n, seed) -> Data:
    wanted = _split(split)
    parts = _batches(_file(archive), ("data_batch", "train"))
    chosen = parts if wanted == "train" else _batches(_file(archive), ("test",))
    images, labels = (
        np.concatenate([part[k] for part in chosen]) for k in (b"data", key)
    )
    train = np.concatenate([part[b"data"] for part in parts])
    # channels last
    as_pixels = [
        a.reshape(-1, 3, 1024).transpose(0, 2, 1).reshape(-1, 3072)
        for a in (train, images)
    ]
    return _cifar(name, *as_pixels, labels, classes, n, seed)


def _cifar(  # noqa: PLR0913 (one keyword for each property)
    name,
    train,
    images,
    labels,
    classes,
    n,
    seed,
    note="",
) -> Data:
    pixels = images.reshape(len(images), -1)
    centre, scale = (
        np.concatenate(
            [f(part / 255, axis=0) for part in np.array_split(train, 12, axis=1)]
        )
        for f in (np.mean, np.std)
    )
    return _chosen(
        name,
        pixels,
        labels,
        classes,
        n,
        seed,
        255 * centre,
        255 * np.where(scale > 0, scale, 1),
        note,
    )


def _chosen(  # noqa: PLR0913 (one keyword for each property)
    name,
    pixels,
    labels,
    classes,
    n,
    seed,
    centre,
    scale,
    note="",
) -> Data:
    rows = np.random.default_rng(whole("seed", seed, 0)).permutation(len(pixels))[
        : whole("n", n, 1, len(pixels))
    ]
    return Data(
        name,
        (pixels[rows] - centre) / scale,
        np.eye(classes)[np.asarray(labels)[rows]],
        note,
    )


def _folder() -> Path | None:
    folder = os.environ.get(FOLDER)
    if folder and not Path(folder).is_dir():
        raise DataError(f"{FOLDER}: got {folder!r}; allowed is a folder that exists")
    return Path(folder) if folder else None


def _file(name: str) -> Path:
    """A checked copy of an archive: from the folder, the cache, or downloaded with a
    progress bar.
    """
    import pooch

    address, checksum = SOURCES[name]
    if _folder() and (_folder() / name).exists():
        path = _folder() / name
        if not pooch.hashes.hash_matches(path, checksum):
            raise DataError(
                f"{path}: damaged or another file; its checksum is not {checksum}"
            )
        return path
    try:
        return Path(
            pooch.retrieve(
                address + name,
                checksum,
                name,
                pooch.os_cache("lrlib"),
                progressbar=True,
            )
        )
    except ValueError as error:  # pooch's name for a wrong checksum
        raise DataError(
            f"{address}{name}: damaged on the way, try again ({error})"
        ) from None
    except OSError as error:  # no network, no such address
        raise DataError(
            f"{name}: no copy here and no way to {address} "
            f"({type(error).__name__}). Fetch it where there is a network, "
            f"put it into a folder and name that in {FOLDER}; or use "
            "data.digits(), which needs none"
        ) from None


def _idx(path: Path) -> np.ndarray:
    """The array in an idx file: two zero bytes, a type (8: bytes), the number of axes,
    their lengths, the entries.
    """
    raw = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(raw, ">i4", raw[3], 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def _batches(path: Path, prefixes: tuple[str, ...]) -> list[dict]:
    """The pickled batches of an archive whose checksum has been verified, in the order
    of their names.
    """
    with tarfile.open(path) as archive:
        members = [
            m for m in archive if m.isfile() and Path(m.name).name.startswith(prefixes)
        ]
        return [
            pickle.load(archive.extractfile(m), encoding="bytes")
            for m in sorted(members, key=lambda m: m.name)
        ]
