"""Checkpoints of the VAE example: resumed trainings have the same bits; damaged and foreign files are refused."""

from __future__ import annotations

import numpy as np
import pytest
from vae_data_set import BATCHES, one_line, run, write_data_set

from examples.vae.progress import EpochBars
from examples.vae.regularisers import REGULARISERS


@pytest.fixture
def data_set(tmp_path):
    return write_data_set(tmp_path / "data")


def stored(path):
    with np.load(path) as file:
        return {name: file[name].tobytes() for name in file.files if name != "seconds"}


@pytest.mark.sample(1)
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


@pytest.mark.sample(1)
@pytest.mark.parametrize("keep", [0, 100, -30])
def test_damaged_checkpoint_is_refused(data_set, tmp_path, capsys, keep):
    assert run(data_set, tmp_path / "out", "--epochs", "1") == 0
    path = tmp_path / "out" / "checkpoint-kl.npz"
    path.write_bytes(path.read_bytes()[:keep])
    capsys.readouterr()
    assert run(data_set, tmp_path / "out", "--epochs", "2", "--resume") == 2
    assert "is not a checkpoint" in one_line(capsys)
