"""The example that trains a variational autoencoder: its gradient, its data, its checkpoints and its results."""

from __future__ import annotations

import builtins
import gzip
import json
import struct

import numpy as np
import pytest

from examples import fashion_mnist_vae as example
from examples.vae import data, published, report
from examples.vae.model import Sizes, initial_parameters, losses_and_gradient
from examples.vae.progress import EpochBars
from examples.vae.regularisers import REGULARISERS
from examples.vae.train import BATCH, LEARNING_RATE, SIZES, adam
from kl_symbolic.errors import MissingProgramError, RequestError

SMALL = Sizes(pixels=6, hidden=5, latent=2)
IMAGES = 2 * BATCH + 44  # three batches, the last of them smaller, as in the real data set
BATCHES = 3
TOLERANCE = {"kl": 1.5, "none": 1.5, "mse": 2.5}  # of the final loss: several times its spread between seeds


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


@pytest.fixture
def data_set(tmp_path):
    return write_data_set(tmp_path / "data")


def run(data_set, out, *options):
    return example.main(["--data", str(data_set), "--out", str(out), *options])


def one_line(capsys):
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def small_batch(seed):
    random = np.random.default_rng(seed)
    parameters = random.normal(0, 0.5, initial_parameters(SMALL, random).size)
    return parameters, random.uniform(size=(4, SMALL.pixels)), random.normal(size=(4, SMALL.latent))


# the network


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("regulariser", REGULARISERS)
def test_gradient_is_that_of_finite_differences(regulariser, seed):
    parameters, images, noise = small_batch(seed)
    regularise = REGULARISERS[regulariser]
    gradient = losses_and_gradient(parameters, SMALL, images, noise, regularise)[1]
    assert gradient.dtype == np.float64
    step = 1e-5
    for number, derivative in enumerate(gradient):
        ends = []
        for sign in (1, -1):
            moved = parameters.copy()
            moved[number] += sign * step
            ends.append(losses_and_gradient(moved, SMALL, images, noise, regularise)[0].total)
        assert derivative == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6, abs=1e-7)


def test_losses_are_those_of_the_report():
    parameters, images, noise = small_batch(0)
    weights, start = [], 0
    for inputs, outputs in ((6, 5), (5, 2), (5, 2), (2, 5), (5, 6)):
        size = inputs * outputs
        weights.append(
            (parameters[start : start + size].reshape(inputs, outputs), parameters[start + size :][:outputs])
        )
        start += size + outputs
    encoder, to_mean, to_logvar, decoder, output = weights
    hidden = np.maximum(images @ encoder[0] + encoder[1], 0)
    mean, logvar = hidden @ to_mean[0] + to_mean[1], hidden @ to_logvar[0] + to_logvar[1]
    decoded = np.maximum((mean + np.exp(logvar / 2) * noise) @ decoder[0] + decoder[1], 0)
    image = 1 / (1 + np.exp(-(decoded @ output[0] + output[1])))
    reconstruction = np.sum(np.mean(-images * np.log(image) - (1 - images) * np.log(1 - image), axis=1))
    penalties = {
        "kl": np.mean(np.sum(-(1 + logvar - mean**2 - np.exp(logvar)) / 2, axis=1)),
        "none": 0,
        "mse": np.sum(np.mean((logvar - 1) ** 2, axis=1) + np.mean(mean**2, axis=1)),
    }
    assert penalties.keys() == REGULARISERS.keys()
    for name, penalty in penalties.items():
        losses = losses_and_gradient(parameters, SMALL, images, noise, REGULARISERS[name])[0]
        assert losses == pytest.approx((reconstruction, penalty), rel=1e-12)


def test_losses_of_saturated_pixels_are_finite():
    parameters, images, noise = small_batch(0)
    parameters[-SMALL.pixels :] = (-1e3, 1e3) * 3  # the biases of the output
    losses, gradient = losses_and_gradient(parameters, SMALL, images, noise, REGULARISERS["none"])
    assert np.isfinite(losses.total)
    assert np.all(np.isfinite(gradient))


def test_initial_weights_fill_their_interval_and_biases_are_zero():
    parameters = initial_parameters(SIZES, np.random.default_rng(0))
    assert parameters.dtype == np.float32
    first, limit = parameters[: 784 * 100], np.sqrt(6 / 884)
    assert 0.99 * limit < np.abs(first).max() <= limit
    assert not parameters[784 * 100 : 785 * 100].any()


def test_first_step_of_adam_has_the_length_of_the_learning_rate():
    gradient = np.array([1e-2, -3.0, 50.0])
    parameters = np.zeros(3)
    adam(parameters, gradient, np.zeros(3), np.zeros(3), 1)
    assert parameters == pytest.approx(-LEARNING_RATE * np.sign(gradient), rel=1e-3)


# the data set


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


# checkpoints


def stored(path):
    with np.load(path) as file:
        return {name: file[name].tobytes() for name in file.files if name != "seconds"}


@pytest.mark.parametrize("regulariser", REGULARISERS)
def test_resumed_training_is_bit_identical(data_set, tmp_path, monkeypatch, capsys, regulariser):
    options = ("--epochs", "3", "--regulariser", regulariser)
    assert run(data_set, tmp_path / "whole", *options) == 0

    batches = []
    original = EpochBars.batch

    def interrupt_in_the_second_epoch(self, losses):
        batches.append(losses)
        if len(batches) == BATCHES + 2:
            raise KeyboardInterrupt
        original(self, losses)

    monkeypatch.setattr(EpochBars, "batch", interrupt_in_the_second_epoch)
    capsys.readouterr()
    assert run(data_set, tmp_path / "parts", *options) == 130
    assert one_line(capsys) == "fashion_mnist_vae: interrupted; go on with --resume\n"
    done = len(batches)
    assert run(data_set, tmp_path / "parts", *options, "--resume") == 0
    assert len(batches) - done == 2 * BATCHES  # the first epoch is not repeated

    name = f"checkpoint-{regulariser}.npz"
    assert stored(tmp_path / "parts" / name) == stored(tmp_path / "whole" / name)
    assert run(data_set, tmp_path / "other", *options, "--seed", "1") == 0
    assert stored(tmp_path / "other" / name) != stored(tmp_path / "whole" / name)


def test_interrupted_save_leaves_the_last_checkpoint(data_set, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    assert run(data_set, out, "--epochs", "1") == 0
    before = stored(out / "checkpoint-kl.npz")

    def half_a_file(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", half_a_file)
    capsys.readouterr()
    assert run(data_set, out, "--epochs", "2", "--resume") == 2
    assert "No space left on device" in one_line(capsys)
    assert stored(out / "checkpoint-kl.npz") == before
    assert not list(out.glob("*.part"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--epochs", "2", "--seed", "5"), "is of another training (seed 0, not 5)"),
        (("--epochs", "1"), "has 2 epochs already, more than --epochs 1"),
    ],
)
def test_checkpoint_of_another_training_is_refused(data_set, tmp_path, capsys, options, message):
    assert run(data_set, tmp_path / "out", "--epochs", "2") == 0
    capsys.readouterr()
    assert run(data_set, tmp_path / "out", *options, "--resume") == 2
    assert message in one_line(capsys)


@pytest.mark.parametrize("keep", [0, 100, -30])
def test_damaged_checkpoint_is_refused(data_set, tmp_path, capsys, keep):
    assert run(data_set, tmp_path / "out", "--epochs", "1") == 0
    path = tmp_path / "out" / "checkpoint-kl.npz"
    path.write_bytes(path.read_bytes()[:keep])
    capsys.readouterr()
    assert run(data_set, tmp_path / "out", "--epochs", "2", "--resume") == 2
    assert "is not a checkpoint" in one_line(capsys)


# the command


def test_comparison_writes_tables_figures_and_json(data_set, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(data_set, out, "--compare", "--epochs", "1") == 0
    captured = capsys.readouterr()
    assert captured.err == ""  # no progress bar unless on a terminal
    assert "83.890         82.653       1.238" in captured.out  # the report's first epoch
    content = json.loads((out / "results.json").read_text())
    for variant in ("kl", "none"):
        epoch = content["variants"][variant]["epochs"][0]
        assert epoch["loss"] == epoch["reconstruction"] + epoch["regulariser"]
        assert f"{epoch['reconstruction']:.3f}" in captured.out
    for name in ("comparison", "latent-kl", "latent-none", "generated-kl", "generated-none"):
        assert (out / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_comparison_excludes_the_choice_of_a_regulariser(capsys):
    with pytest.raises(SystemExit, match="2"):
        example.main(["--compare", "--regulariser", "mse"])
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize("option", [("--epochs", "0"), ("--epochs", "x"), ("--seed", "-1")])
def test_bad_numbers_are_refused(option, capsys):
    with pytest.raises(SystemExit, match="2"):
        example.main(list(option))
    assert "must be an integer, at least" in capsys.readouterr().err


def test_output_that_is_no_directory_is_refused(data_set, tmp_path, capsys):
    path = tmp_path / "file"
    path.touch()
    assert run(data_set, path) == 2
    assert str(path) in one_line(capsys)


def test_missing_matplotlib_is_named_before_the_training(data_set, tmp_path, monkeypatch, capsys):
    original = builtins.__import__

    def without_matplotlib(name, *arguments):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return original(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without_matplotlib)
    assert run(data_set, tmp_path / "out") == 4
    assert "pip install matplotlib" in one_line(capsys)


def test_sizes_are_those_of_the_report():
    pixels = np.broadcast_to(np.uint8(0), (60000, 784))
    means = np.broadcast_to(np.float32(0), (60000, 2))
    table = report.size_table(pixels, means)
    assert "358.887 MB" in table
    assert "0.458 MB" in table


# the real data set


def require_data_set():
    """Fail, not skip: who asks for the slow tests wants them run."""
    try:
        data.load(data.DEFAULT_DIRECTORY)
    except MissingProgramError as error:
        pytest.fail(str(error))


@pytest.mark.slow
def test_first_epoch_on_the_real_data(tmp_path):
    require_data_set()
    assert run(data.DEFAULT_DIRECTORY, tmp_path, "--epochs", "1") == 0
    epoch = json.loads((tmp_path / "results.json").read_text())["variants"]["kl"]["epochs"][0]
    assert 70 < epoch["loss"] < 90  # seeds 0 to 2 have 77.2 to 77.4; the report has 83.9: its start is slower
    assert 1 < epoch["regulariser"] < 6


@pytest.mark.slow
@pytest.mark.parametrize("regulariser", REGULARISERS)
def test_training_ends_where_the_report_does(tmp_path, regulariser):
    require_data_set()
    assert run(data.DEFAULT_DIRECTORY, tmp_path, "--regulariser", regulariser) == 0
    found = json.loads((tmp_path / "results.json").read_text())["variants"][regulariser]
    last, expected = found["epochs"][-1], published.LOG[regulariser][10]
    assert last["loss"] == pytest.approx(expected.total, abs=TOLERANCE[regulariser])
    assert last["reconstruction"] == pytest.approx(expected.reconstruction, abs=TOLERANCE[regulariser])
    if regulariser == "kl":
        assert last["regulariser"] == pytest.approx(expected.regulariser, abs=0.3)
    means = found["latent means"]
    width = max(np.subtract(means["maximum"], means["minimum"]))
    if regulariser == "none":
        assert width > 40  # several times the 12 that the divergence allows
    else:
        assert -6 < min(means["minimum"]) < max(means["maximum"]) < 6
