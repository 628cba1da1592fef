"""The autoencoder in torch: its steps are those of the NumPy example, with the same divergence; it draws figures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from vae_data_set import BATCHES, one_line, run, write_data_set

from examples.vae import data, train
from examples.vae.model import initial_parameters, losses_and_gradient
from examples.vae.regularisers import REGULARISERS
from kl_symbolic.numeric import kl_standard_normal

torch = pytest.importorskip("torch")
example = pytest.importorskip("examples.torch_vae")  # which leaves the program where torch is missing

ROOT = Path(__file__).parents[1]


@pytest.fixture
def data_set(tmp_path):
    return write_data_set(tmp_path / "data")


def test_steps_are_those_of_the_numpy_example():
    random = np.random.default_rng(0)
    parameters = initial_parameters(train.SIZES, random, np.float64)
    begun, moments = parameters.copy(), (np.zeros_like(parameters), np.zeros_like(parameters))
    model = example.Autoencoder(parameters.copy(), train.SIZES)
    optimiser = example.adam(model)
    assert np.array_equal(model.parameter_vector(), begun)
    for number in (1, 2, 3):
        images = random.uniform(size=(train.BATCH, train.SIZES.pixels))
        noise = random.normal(size=(train.BATCH, train.SIZES.latent))
        found = example.step(model, optimiser, number, images, noise)
        expected, gradient = losses_and_gradient(parameters, train.SIZES, images, noise, REGULARISERS["kl"])
        train.adam(parameters, gradient, *moments, number)
        assert tuple(found) == pytest.approx(tuple(expected), rel=1e-12)
        moved = parameters - begun
        assert np.abs(moved).max() > 0.9 * number * train.LEARNING_RATE
        np.testing.assert_allclose(model.parameter_vector() - begun, moved, rtol=0, atol=1e-10 * train.LEARNING_RATE)


def test_divergence_is_that_of_kl_symbolic(monkeypatch):
    calls = []

    def recorded(mean, logvar):
        calls.append((mean, logvar, kl_standard_normal(mean, logvar)))
        return calls[-1][-1]

    monkeypatch.setattr(example, "kl_standard_normal", recorded)
    random = np.random.default_rng(0)
    model = example.Autoencoder(initial_parameters(train.SIZES, random, np.float64), train.SIZES)
    images, noise = random.uniform(size=(3, train.SIZES.pixels)), random.normal(size=(3, train.SIZES.latent))
    losses = example.step(model, example.adam(model), 1, images, noise)
    ((mean, logvar, values),) = calls
    assert all(isinstance(tensor, torch.Tensor) and tensor.grad_fn is not None for tensor in calls[0])
    assert values.shape == (3,)
    assert losses.regulariser == pytest.approx(
        np.mean(kl_standard_normal(mean.detach().numpy(), logvar.detach().numpy())), rel=1e-12
    )


def test_training_is_that_of_the_numpy_example(data_set):
    pixels = data.load(data_set)[0].pixels
    state = train.begin(3)
    for _ in range(2):
        state = train.train_epoch(state, pixels, "kl")
    found = example.fit(pixels, epochs=2, seed=3)
    assert [loss for losses in found.log for loss in losses] == pytest.approx(
        [loss for losses in state.log for loss in losses], rel=1e-5
    )
    np.testing.assert_allclose(
        found.parameters, state.parameters, rtol=0, atol=1e-2 * 2 * BATCHES * train.LEARNING_RATE
    )


def test_command_prints_falling_losses_and_draws(data_set, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(data_set, out, "--epochs", "3", example=example) == 0
    captured = capsys.readouterr()
    assert captured.err == ""  # no progress bar unless on a terminal
    rows = [line.split() for line in captured.out.splitlines()]
    losses = [float(row[1]) for row in rows if row and row[0] in ("1", "2", "3")]
    assert len(losses) == 3
    assert losses[0] > losses[1] > losses[2]
    assert "83.890         82.653       1.238" in captured.out  # the report's first epoch
    assert sorted(path.name for path in out.iterdir()) == ["generated-kl.png", "latent-kl.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in out.iterdir())


def test_missing_data_set_is_named(tmp_path, capsys):
    assert run(tmp_path / "nowhere", tmp_path / "out", example=example) == 4
    assert one_line(capsys).startswith("torch_vae: no ")


def test_interruption_ends_in_one_line(data_set, tmp_path, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(example, "step", interrupt)
    assert run(data_set, tmp_path / "out", example=example) == 130
    assert one_line(capsys) == "torch_vae: interrupted; nothing was saved\n"


def test_missing_torch_is_named_with_what_to_install(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('no torch')")
    command = [sys.executable, "-m", "examples.torch_vae", "--out", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 4
    assert ended.stderr == "torch_vae: this example needs torch: run `pip install torch`\n"


@pytest.mark.slow
def test_training_ends_where_the_numpy_example_does():
    """Fails, not skips, without the data set: who asks for the slow tests wants them run."""
    pixels = data.load(data.DEFAULT_DIRECTORY)[0].pixels
    state = train.begin(0)
    for _ in range(2):
        state = train.train_epoch(state, pixels, "kl")
    found = example.fit(pixels, epochs=2, seed=0)
    for ours, theirs in zip(found.log, state.log, strict=True):
        assert tuple(ours) == pytest.approx(tuple(theirs), abs=0.05)
