"""Samples of grids of cases: which they are, and that they show every value of every parameter."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from sampling import sample

GRID = {f"{a}-{b}-{c}": {("a", a), ("b", b), ("c", c)} for a, b, c in product(range(6), "xyz", [True, False])}


def test_a_sample_shows_every_value_in_as_few_cases_as_can_be():
    taken = sample(GRID, 6)
    assert len(set(taken)) == 6
    assert set().union(*(GRID[name] for name in taken)) == set().union(*GRID.values())


def test_a_sample_does_not_depend_on_the_order_of_the_cases():
    assert sample(dict(reversed(GRID.items())), 8) == sample(GRID, 8)


def test_a_larger_sample_is_a_smaller_one_and_more():
    assert sample(GRID, 9)[:6] == sample(GRID, 6)
    assert set(sample(GRID, 1000)) == set(GRID)


def test_a_sample_has_more_cases_where_these_do_not_show_every_value_that_they_could():
    apart = {"a": {("x", 1), ("y", 1)}, "b": {("x", 2), ("y", 1)}, "c": {("x", 1), ("y", 2)}, "d": {("x", 1), ("y", 1)}}
    assert set(sample(apart, 1)) < set(apart)
    assert set(sample(apart, 2)) >= {"b", "c"}
    assert len(sample(GRID, 1)) == 1


MODULE = """
import pytest
@pytest.mark.sample(SIZE)
@pytest.mark.parametrize("letter", ["a", "b", "c"])
@pytest.mark.parametrize(("number", "other"), [(1, 0), (1, 1), (2, 0), (2, 1), (1, [])])
def test_grid(letter, number, other): pass
def test_alone(): pass
"""


@pytest.mark.parametrize(
    ("size", "what", "lines"),
    [
        (4, "not slow", "5/16 tests collected"),
        (4, "slow", "11/16 tests collected"),
        (1, "not slow", "2/16 tests collected"),
    ],
)
def test_the_others_are_slow(tmp_path, size, what, lines):
    (tmp_path / "test_grid.py").write_text(MODULE.replace("SIZE", str(size)))
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    slow\n    sample(size)\n")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "sampling", "--strict-markers", "-m", what]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(Path(__file__).parent)}
    )
    assert lines in done.stdout, done.stdout + done.stderr
    assert ("test_alone" in done.stdout) == (what == "not slow")
