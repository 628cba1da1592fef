"""A small data set in the form of Fashion-MNIST, and runs of the examples on it."""

from __future__ import annotations

import gzip
import struct

import numpy as np

from examples import fashion_mnist_vae
from examples.vae import data
from examples.vae.train import BATCH

IMAGES = 2 * BATCH + 44  # three batches, the last of them smaller, as in the real data set
BATCHES = 3


def idx(array):
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_data_set(directory, images=IMAGES):
    """Write a data set of the same form: squares of noise, the position of which is the class."""
    random = np.random.default_rng(1)
    directory.mkdir(exist_ok=True)
    for part in ("train", "t10k"):
        labels = (np.arange(images) % len(data.CLASSES)).astype(np.uint8)
        pixels = np.zeros((images, data.SIDE, data.SIDE), np.uint8)
        for image, label in zip(pixels, labels, strict=True):
            image[2 * label : 2 * label + 8, 4:24] = random.integers(100, 256, (8, 20))
        (directory / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(pixels)))
        (directory / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    return directory


def run(data_set, out, *options, example=fashion_mnist_vae):
    return example.main(["--data", str(data_set), "--out", str(out), *options])


def one_line(capsys):
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err
