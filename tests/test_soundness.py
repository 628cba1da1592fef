"""`benchmarks/soundness.py` in a small form, and that it would find a fault."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from random import Random

import mpmath
import pytest
from sympy import Rational

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import rewrites
import soundness

from kl_symbolic.claims.decision import decide


@pytest.mark.sample(2)
@pytest.mark.parametrize("kind", ["mutant", "rewrite"])
@pytest.mark.parametrize("seed", [3_000, 4_000])
def test_no_wrong_formula_is_proved_and_the_right_ones_are(kind, seed):
    counts = Counter((what, status) for what, status, _ in soundness.judged((kind, seed, 40)))
    assert counts.total() == 40
    assert soundness.faults(counts) == []
    assert counts["wrong mutant" if kind == "mutant" else "right rewrite", "refuted" if kind == "mutant" else "proved"]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({("wrong mutant", "proved"): 1}, "1 wrong formulas were proved"),
        ({("wrong rewrite", "proved"): 2}, "2 wrong formulas were proved"),
        ({("right mutant", "refuted"): 1}, "1 right formulas were refuted"),
        ({("right rewrite", "proved"): 98, ("right rewrite", "unknown"): 2}, "only 98.0% of the rewrites were proved"),
    ],
)
def test_a_fault_is_found(counts, words):
    assert words in soundness.faults(Counter(counts))


def test_the_numbers_tell_right_from_wrong():
    found = soundness.derivation(0)
    right = found.record.statement.right
    with mpmath.workdps(soundness.DIGITS):
        assert soundness.equal_in_numbers(right, right, found, Random(1))
        assert not soundness.equal_in_numbers(right + Rational(1, 10**30), right, found, Random(1))


@pytest.mark.parametrize("law", [law for law in rewrites.LAWS if law is not None], ids=lambda _: "law")
def test_every_law_changes_some_closed_form(law):
    random = Random(0)
    forms = [soundness.derivation(k).record.statement.right for k in range(len(soundness.REQUESTS))]
    assert any(law(form, random) != form for form in forms for _ in range(5))


def test_every_mutant_is_a_formula_of_its_own():
    found, random = soundness.derivation(0), Random(2)
    right = found.record.statement.right
    mutants = {rewrites.mutant(right, rewrites.parameters_in(right), random) for _ in range(60)}
    assert len(mutants) > 30
    assert all(decide(m, found, explain=False).status != "proved" for m in mutants - {right})
