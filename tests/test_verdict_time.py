"""`benchmarks/verdict_time.py`: its formulas get the verdicts that it says, and it would find a fault."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import verdict_time
from verdict_time import CASES, Measured


@pytest.mark.sample(4)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_formulas_have_the_verdicts_that_are_expected(case):
    found = verdict_time.measured(case)
    assert (found.status, found.corrected) == (case.status, case.corrected)


@pytest.mark.parametrize(
    ("runs", "fault"),
    [
        ([Measured(0.2, "proved", corrected=False)], None),
        ([Measured(0.2, "unknown", corrected=False)], "torch, VAE loss: unknown"),
        ([Measured(0.2, "proved", corrected=True)], "torch, VAE loss: proved, corrected"),
        ([Measured(9, "proved", corrected=False)], None),  # a time is no fault
    ],
)
def test_a_wrong_verdict_is_a_fault(runs, fault):
    assert verdict_time.faults([(CASES[0], runs)]) == ([fault] if fault else [])
