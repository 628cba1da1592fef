"""The command that trains a variational autoencoder in NumPy: what it writes and refuses, and where training ends."""

from __future__ import annotations

import builtins
import json

import numpy as np
import pytest
from vae_data_set import one_line, run, write_data_set

from examples import fashion_mnist_vae as example
from examples.vae import data, published, report
from examples.vae.regularisers import REGULARISERS
from kl_symbolic.errors import MissingProgramError

TOLERANCE = {"kl": 1.5, "none": 1.5, "mse": 2.5}  # of the final loss: several times its spread between seeds


@pytest.fixture
def data_set(tmp_path):
    return write_data_set(tmp_path / "data")


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
    assert 70 < epoch["loss"] < 90  # seeds 0 to 2 have 77.2 to 77.4; the report has 83.9, see published.py
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
