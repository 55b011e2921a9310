"""Images as arrays: digits that need no network, MNIST and CIFAR by download or from a
folder.

`cifar10`, `cifar100` and `mnist` look first in the folder that the environment variable
LRLIB_DATA names (the original archives, or the root of torchvision's data sets), then in a
cache, and else download; every archive is checked before it
is opened.
"""

from __future__ import annotations

import gzip
import os
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ..checks import lookup, whole
from ..files import cache_folder

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
# what torchvision unpacks an archive to: the folder, its batches and their checksums
UNPACKED = {
    "cifar-10-python.tar.gz": (
        "cifar-10-batches-py",
        {
            "data_batch_1": "md5:c99cafc152244af753f735de768cd75f",
            "data_batch_2": "md5:d4bba439e000b95fd0a9bffe97cbabec",
            "data_batch_3": "md5:54ebc095f3ab1f0389bbae665268c751",
            "data_batch_4": "md5:634d18415352ddfa80567beed471001a",
            "data_batch_5": "md5:482c414d41f54cd18b22e5b47cb7c3cb",
            "test_batch": "md5:40351d587109b95175f43aff81a1287e",
        },
    ),
    "cifar-100-python.tar.gz": (
        "cifar-100-python",
        {
            "train": "md5:16019d7e3df5f24257cddd939b257f8d",
            "test": "md5:f0ef6b0ae62326f3e7ffdfab6717acfc",
        },
    ),
}
TORCHVISION = ("", "MNIST/raw")  # below the folder, where archives may lie
SPLITS = {"train": "train", "test": "t10k"}
SETS = {  # name: its splits
    "cifar10": tuple(SPLITS),
    "cifar100": tuple(SPLITS),
    "mnist": tuple(SPLITS),
    "digits": ("train",),
}


class DataError(OSError):
    """A data set that cannot be had; the message says what to do."""


@dataclass(frozen=True)
class Subset:
    """Which samples of which data set: the first `n` of a permutation drawn from
    `seed`.

    Raises
    ------
    ValueError, TypeError
        For a name or split that is not there, `n` below 1, a negative seed.
    """

    name: str
    """"cifar10", "cifar100", "mnist" or "digits"."""
    n: int = 1000
    """Number of samples."""
    split: str = "train"
    """"train" or "test"; the digits have no split, and count as "train"."""
    seed: int = 0
    """Of the permutation, at least 0."""

    def __post_init__(self):
        splits = lookup("data", self.name, SETS)
        lookup("split", self.split, {split: split for split in splits})
        object.__setattr__(self, "n", whole("n", self.n, 1))
        object.__setattr__(self, "seed", whole("seed", self.seed, 0))

    def load(self) -> Data:
        """The samples; DataError where they cannot be had."""
        if self.name == "digits":
            return digits(self.n, seed=self.seed)
        load = {"cifar10": cifar10, "cifar100": cifar100, "mnist": mnist}[self.name]
        return load(self.n, split=self.split, seed=self.seed)


@dataclass(frozen=True, eq=False)
class Data:
    """n samples: `x` of shape (n, dim), `y` of shape (n, classes) with a 1 at the class
    and 0 elsewhere.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    note: str = ""
    source: Subset | None = None
    """Where a data set has these samples; None for samples of one's own."""


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
    subset = Subset("digits", n, seed=seed)
    return _chosen(subset, pixels, labels, 10, (centre, (pixels - centre).std()))


def mnist(n: int = 1000, *, split: str = "train", seed: int = 0) -> Data:
    """Handwritten digits, 28 x 28 pixels, scaled as `digits`; centre and scale are
    those of the split.
    """
    subset = Subset("mnist", n, split, seed)
    prefix = SPLITS[split]
    images, labels = (
        _idx(_file(f"{prefix}-{kind}-ubyte.gz"))
        for kind in ("images-idx3", "labels-idx1")
    )
    pixels = images.reshape(len(images), -1) / 255
    centre = pixels.mean(axis=0)
    scaling = (centre, (pixels - centre).std())
    note = f"of the {split} split"
    return _chosen(subset, pixels, labels, 10, scaling, note)


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
    subset = Subset("cifar10", n, split, seed)
    folder = _folder()
    copied = folder / "cifar10.npz" if folder else None
    if copied and copied.exists():
        train, images, labels = _arrays(copied, split)
        train = train.reshape(len(train), -1)
        return _cifar(subset, train, images, labels, 10, note="from cifar10.npz")
    return _from_archive(subset, "cifar-10-python.tar.gz", b"labels", 10)


def cifar100(n: int = 1000, *, split: str = "train", seed: int = 0) -> Data:
    """As `cifar10`, in a hundred classes."""
    subset = Subset("cifar100", n, split, seed)
    return _from_archive(subset, "cifar-100-python.tar.gz", b"fine_labels", 100)


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


def _from_archive(subset: Subset, archive: str, key: bytes, classes: int) -> Data:
    batches = _batches_of(archive)
    parts = batches(("data_batch", "train"))
    chosen = parts if subset.split == "train" else batches(("test",))
    images, labels = (
        np.concatenate([part[k] for part in chosen]) for k in (b"data", key)
    )
    train = np.concatenate([part[b"data"] for part in parts])
    return _cifar(
        subset, _channels_last(train), _channels_last(images), labels, classes
    )


def _channels_last(rows: np.ndarray) -> np.ndarray:
    """Rows of 1,024 reds, greens and blues as 1,024 pixels of three."""
    return rows.reshape(-1, 3, 1024).transpose(0, 2, 1).reshape(-1, 3072)


def _cifar(subset: Subset, train, images, labels, classes: int, note="") -> Data:
    pixels = images.reshape(len(images), -1)
    centre, scale = (
        np.concatenate(
            [f(part / 255, axis=0) for part in np.array_split(train, 12, axis=1)]
        )
        for f in (np.mean, np.std)
    )
    scaling = (255 * centre, 255 * np.where(scale > 0, scale, 1))
    return _chosen(subset, pixels, labels, classes, scaling, note)


def _chosen(subset: Subset, pixels, labels, classes: int, scaling, note="") -> Data:
    """The samples of `subset`, less a centre and over a scale."""
    n = whole("n", subset.n, 1, len(pixels))
    centre, scale = scaling
    rows = np.random.default_rng(subset.seed).permutation(len(pixels))[:n]
    x = (pixels[rows] - centre) / scale
    y = np.eye(classes)[np.asarray(labels)[rows]]
    return Data(subset.name, x, y, note, subset)


def _folder() -> Path | None:
    folder = os.environ.get(FOLDER)
    if folder and not Path(folder).is_dir():
        raise DataError(f"{FOLDER}: got {folder!r}; allowed is a folder that exists")
    return Path(folder) if folder else None


def _file(name: str) -> Path:
    """A checked copy of an archive: from the folder, the cache, or downloaded with a
    progress bar.
    """
    folder = _folder()
    if folder is not None:
        for below in TORCHVISION:
            path = folder / below / name
            if path.exists():
                _check(path, SOURCES[name][1])
                return path
    return _download(name)


def _check(path: Path, checksum: str) -> None:
    """DataError for a file of another checksum: what is in it is to be opened."""
    import pooch

    if not pooch.hashes.hash_matches(path, checksum):
        raise DataError(
            f"{path}: damaged or another file; its checksum is not {checksum}"
        )


def _download(name: str) -> Path:
    import pooch
    from requests import HTTPError, RequestException

    address, checksum = SOURCES[name]
    folder = cache_folder()
    instead = (
        f"Fetch {name} elsewhere, put it into a folder and name that in {FOLDER}; or use "
        "data.digits(), which needs none"
    )
    try:
        return Path(
            pooch.retrieve(address + name, checksum, name, folder, progressbar=True)
        )
    except ValueError as error:  # pooch's name for a wrong checksum
        raise DataError(
            f"{address}{name}: damaged on the way, try again ({error})"
        ) from None
    except HTTPError as error:  # the way is there, and the answer is no
        answer = str(error).split(" for url")[0]
        if error.response is not None:
            answer = f"{error.response.status_code} {error.response.reason}".strip()
        raise DataError(
            f"{name}: no copy here, and {address} answers {answer}. {instead}"
        ) from None
    except RequestException as error:  # no network, no such address
        raise DataError(
            f"{name}: no copy here and no way to {address} "
            f"({type(error).__name__}). {instead}"
        ) from None
    except OSError as error:  # of the disk
        raise DataError(
            f"{name}: cannot be written to {folder} ({error}). Name another folder in "
            f"LRLIB_CACHE. {instead}"
        ) from None


def _idx(path: Path) -> np.ndarray:
    """The array in an idx file: two zero bytes, a type (8: bytes), the number of axes,
    their lengths, the entries.
    """
    raw = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(raw, ">i4", raw[3], 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def _batches_of(archive: str) -> Callable[[tuple[str, ...]], list[dict]]:
    """A function that gives the pickled batches whose names begin with one of some
    prefixes, in the order of their names. Checksums are verified before they are opened.
    """
    unpacked = _unpacked(archive)
    if unpacked is not None:
        return partial(_batches_in, unpacked, UNPACKED[archive][1])
    return partial(_batches, _file(archive))


def _unpacked(archive: str) -> Path | None:
    """The folder to which the archive has been unpacked, where it is there alone."""
    folder = _folder()
    if folder is None or (folder / archive).exists():
        return None
    name = UNPACKED[archive][0]
    # the folder itself, or the one that it is in
    for found in (folder / name, folder):
        if found.name == name and found.is_dir():
            return found
    return None


def _batches_in(
    folder: Path, checksums: dict[str, str], prefixes: tuple[str, ...]
) -> list[dict]:
    found = []
    for name in sorted(n for n in checksums if n.startswith(prefixes)):
        path = folder / name
        if not path.exists():
            raise DataError(f"{path}: not there; allowed are all of {list(checksums)}")
        _check(path, checksums[name])
        found.append(pickle.loads(path.read_bytes(), encoding="bytes"))
    return found


def _batches(path: Path, prefixes: tuple[str, ...]) -> list[dict]:
    """The pickled batches of an archive whose checksum has been verified, in the order
    of their names.
    """
    with tarfile.open(path) as archive:
        members = [
            m for m in archive if m.isfile() and Path(m.name).name.startswith(prefixes)
        ]
        found = [archive.extractfile(m) for m in sorted(members, key=lambda m: m.name)]
        # only of a member that is no file there is nothing to read
        return [pickle.load(batch, encoding="bytes") for batch in found if batch]
