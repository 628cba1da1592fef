"""The data set of the autoencoder examples: it is read as it is, or refused with the reason."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from vae_data_set import IMAGES, idx, one_line, run, write_data_set

from examples.vae import data
from kl_symbolic.errors import RequestError


@pytest.fixture
def data_set(tmp_path):
    return write_data_set(tmp_path / "data")


def test_data_set_is_read_as_it_was_written(data_set):
    training, test = data.load(data_set)
    assert training.pixels.shape == (IMAGES, 784)
    assert training.labels[:11].tolist() == [*range(10), 0]
    assert training.pixels[3].reshape(28, 28)[6:14, 4:24].min() >= 100
    assert len(test.labels) == IMAGES


@pytest.mark.parametrize("name", data.FILES)
def test_missing_file_is_named_with_what_to_install(data_set, tmp_path, capsys, name):
    (data_set / name).unlink()
    assert run(data_set, tmp_path / "out") == 4
    message = one_line(capsys)
    for part in (name, "apt-get install dataset-fashion-mnist", "github.com/zalandoresearch/fashion-mnist", "--data"):
        assert part in message
    assert not (tmp_path / "out").exists()


GOOD = idx(np.arange(12, dtype=np.uint8).reshape(3, 2, 2))
PACKED = gzip.compress(GOOD)
BAD_FILES = {
    "not gzipped": (GOOD, "is not an intact gzip file"),
    "empty": (b"", "must begin with"),
    "truncated gzip": (PACKED[:-6], "truncated"),
    "truncated in the data": (PACKED[:20], "truncated"),
    "wrong checksum": (PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "is not an intact gzip file"),
    "damaged stream": (PACKED[:12] + bytes(255 - byte for byte in PACKED[12:]), "corrupt"),
    "bad magic": (gzip.compress(b"\1" + GOOD[1:]), "must begin with 00000803; got 01000803"),
    "other type": (gzip.compress(GOOD[:2] + b"\x0d" + GOOD[3:]), "must begin with 00000803; got 00000d03"),
    "other number of dimensions": (gzip.compress(idx(np.zeros(3, np.uint8))), "must begin with 00000803; got 00000801"),
    "half a header": (gzip.compress(GOOD[:10]), "IDX header ends after 10 bytes"),
    "other shape": (gzip.compress(idx(np.zeros((3, 2, 4), np.uint8))), "must hold at least 1 x 2 x 2 values"),
    "no items": (gzip.compress(idx(np.zeros((0, 2, 2), np.uint8))), "its header says 0 x 2 x 2"),
    "too short": (gzip.compress(GOOD[:-1]), "must hold 12 values, as its header says; it holds only 11"),
    "too long": (gzip.compress(GOOD + b"\0"), "must hold 12 values, as its header says; it holds more"),
}


def test_good_idx_file_is_read(tmp_path):
    path = tmp_path / "good.gz"
    path.write_bytes(PACKED)
    assert data.read_idx(path, (2, 2)).tolist() == np.arange(12).reshape(3, 2, 2).tolist()


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_idx_file_is_refused(tmp_path, case):
    content, message = BAD_FILES[case]
    path = tmp_path / "bad.gz"
    path.write_bytes(content)
    with pytest.raises(RequestError, match=message) as caught:
        data.read_idx(path, (2, 2))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "message"),
    [(np.zeros(7, np.uint8), "7 labels"), (np.full(IMAGES, 10, np.uint8), "labels must be 0 to 9")],
)
def test_labels_that_do_not_fit_are_refused_in_one_line(data_set, tmp_path, capsys, labels, message):
    (data_set / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    assert run(data_set, tmp_path / "out") == 2
    assert message in one_line(capsys)
