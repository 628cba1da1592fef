"""The command `audit`: what it prints, its exit codes, and one line for bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("proved_once")

LOSSES = """
import numpy as np
def right(mu, logvar):
    return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=-1)
def wrong(mu, logvar):
    return 2 * right(mu, logvar)
"""
PAIR = ("--pair", "diagonal_normal", "standard_normal", "--args", "mu,logvar", "--rows", "8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a module of losses."""
    path = tmp_path_factory.mktemp("audit")
    (path / "losses.py").write_text(LOSSES, "utf-8")
    return path


@pytest.fixture
def here(folder, command, monkeypatch):
    """Run the command in this process, in the folder of the losses."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield lambda *words: command("audit", *words)
    sys.modules.pop("losses", None)


def test_a_right_function_passes(folder):
    words = [Path(sys.executable).with_name("kl-symbolic"), "audit", "losses:right", *PAIR, "--regions", "far"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("losses:right: passed")


def test_a_wrong_function_fails_and_the_report_says_what_it_is(here):
    done = here("losses:wrong", *PAIR, "--json")
    assert (done.returncode, done.stderr) == (1, "")
    assert not json.loads(done.stdout)["passed"]
    assert "twice" in done.stdout or "2 times" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("losses:none", *PAIR), "none"),
        (("no_such_module:f", *PAIR), "no_such_module"),
        (("losses", *PAIR), "losses"),
        (("losses:right", "--pair", "normall", "normal"), "did you mean normal"),
        (("losses:right", *PAIR, "--regions", "nowhere"), "nowhere"),
    ],
)
def test_bad_input_is_one_line(here, words, message):
    done = here(*words)
    assert done.returncode in (2, 3)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
