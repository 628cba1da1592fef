"""Fashion-MNIST as its authors publish it: four gzipped IDX files.

References
----------
Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms (2017),
arXiv:1708.07747. The IDX format: two zero bytes, the type (8 is unsigned byte), the number of dimensions, each
dimension as a big-endian 32-bit integer, then the values.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.errors import MissingProgramError, RequestError

Bytes: TypeAlias = NDArray[np.uint8]

DEFAULT_DIRECTORY = Path("/usr/share/datasets/fashion-mnist")
SIDE = 28
PIXELS = SIDE * SIDE
CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
UNSIGNED_BYTE = 8
FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


@dataclass(frozen=True)
class Images:
    """Images as rows of pixels from 0 to 255, and the class of each."""

    pixels: Bytes
    labels: Bytes


def load(directory: Path) -> tuple[Images, Images]:
    """Return the training and the test images.

    Raises
    ------
    MissingProgramError
        If a file is not there.
    RequestError
        If a file is not what its name says.
    """
    paths = [directory / name for name in FILES]
    for path in paths:
        if not path.is_file():
            raise MissingProgramError(
                f"no {path}: on Debian or Ubuntu run `apt-get install dataset-fashion-mnist`, elsewhere download the "
                "four .gz files from https://github.com/zalandoresearch/fashion-mnist and name their directory "
                "with --data"
            )
    return _load_pair(paths[0], paths[1]), _load_pair(paths[2], paths[3])


def _load_pair(images: Path, labels: Path) -> Images:
    pixels, classes = read_idx(images, (SIDE, SIDE)).reshape(-1, PIXELS), read_idx(labels, ())
    if len(pixels) != len(classes):
        raise RequestError(f"{images} holds {len(pixels)} images, but {labels} holds {len(classes)} labels")
    if classes.max() >= len(CLASSES):
        raise RequestError(f"{labels}: labels must be 0 to {len(CLASSES) - 1}; got {classes.max()}")
    return Images(pixels, classes)


def read_idx(path: Path, item: tuple[int, ...]) -> Bytes:
    """Return the bytes of a gzipped IDX file, whose first dimension counts items of the given shape.

    Raises
    ------
    RequestError
        If the file is not gzipped, not IDX of bytes, of another shape, empty, truncated, or too long.
    """
    try:
        with gzip.open(path) as file:
            return _read_items(cast("BinaryIO", file), path, item)
    except (EOFError, zlib.error) as error:
        raise RequestError(f"{path} is truncated or corrupt: {error}") from None
    except gzip.BadGzipFile as error:
        raise RequestError(f"{path} is not an intact gzip file: {error}") from None
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}") from None


def _read_items(file: BinaryIO, path: Path, item: tuple[int, ...]) -> Bytes:
    dimensions = 1 + len(item)
    header = file.read(4 + 4 * dimensions)
    expected = bytes((0, 0, UNSIGNED_BYTE, dimensions))
    if header[:4] != expected:
        raise RequestError(f"{path} must begin with {expected.hex()}; got {header[:4].hex() or 'nothing'}")
    if len(header) < 4 + 4 * dimensions:
        raise RequestError(f"{path} is truncated: its IDX header ends after {len(header)} bytes")
    shape = struct.unpack(f">{dimensions}I", header[4:])
    if shape[1:] != item or shape[0] == 0:
        wanted = " x ".join(("at least 1", *map(str, item)))
        raise RequestError(f"{path} must hold {wanted} values; its header says {' x '.join(map(str, shape))}")
    size = math.prod(shape)
    content = file.read(size + 1)  # one byte more than there should be, which also checks the checksum at the end
    if len(content) != size:
        got = "more" if len(content) > size else f"only {len(content)}"
        raise RequestError(f"{path} must hold {size} values, as its header says; it holds {got}")
    return np.frombuffer(content, np.uint8).reshape(shape)
