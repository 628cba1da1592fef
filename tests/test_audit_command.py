"""The command `audit`: what it prints, its exit codes, and one line for bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

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


def run(folder, *words):
    command = [str(Path(sys.executable).with_name("kl-symbolic")), "audit", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


def test_a_right_function_passes(folder):
    done = run(folder, "losses:right", *PAIR, "--regions", "far")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("losses:right: passed")


def test_a_wrong_function_fails_and_the_report_says_what_it_is(folder):
    done = run(folder, "losses:wrong", *PAIR, "--json")
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
def test_bad_input_is_one_line(folder, words, message):
    done = run(folder, *words)
    assert done.returncode in (2, 3)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
