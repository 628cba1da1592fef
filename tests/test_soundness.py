"""`benchmarks/soundness.py` in a small form, that it would find a fault, and that its code means what it should."""

from __future__ import annotations

import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from random import Random

import mpmath
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import as_python
import python_run
import rewrites
import soundness

from kl_symbolic.claims.decision import decide
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms.sympy import inert


@pytest.mark.sample(4)
@pytest.mark.parametrize("way", soundness.WAYS)
@pytest.mark.parametrize("kind", ["mutant", "rewrite"])
@pytest.mark.parametrize("seed", [3_000, 4_000, 5_000, 6_000])
def test_no_wrong_formula_is_proved_and_the_right_ones_are(way, kind, seed):
    counts = Counter((what, status) for what, status, _ in soundness.judged((way, kind, seed, 40)))
    assert counts.total() == 40
    assert soundness.faults(counts) == []
    assert counts["wrong mutant" if kind == "mutant" else "right rewrite", "refuted" if kind == "mutant" else "proved"]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({("wrong mutant", "proved"): 1}, "1 wrong formulas were proved"),
        ({("wrong rewrite", "proved"): 2}, "2 wrong formulas were proved"),
        ({("right mutant", "refuted"): 1}, "1 right formulas were refuted"),
        ({("wrong mutant", "misread"): 3}, "3 formulas were misread"),
        ({("right rewrite", "proved"): 98, ("right rewrite", "not read"): 2}, "only 98.0% of the rewrites were proved"),
        ({("right rewrite", "proved"): 98, ("right rewrite", "unknown"): 2}, "only 98.0% of the rewrites were proved"),
    ],
)
def test_a_fault_is_found(counts, words):
    assert words in soundness.faults(Counter(counts))


def test_the_numbers_tell_right_from_wrong():
    found = soundness.derivation(0)
    right = found.record.statement.right
    with mpmath.workdps(soundness.DIGITS):
        points = soundness.points_of(found, Random(1))
        assert soundness.equal_in_numbers(right, right, points)
        assert not soundness.equal_in_numbers(right + Fraction(1, 10**30), right, points)
        assert soundness.misread(right + Fraction(1, 10**30), right, points)
        assert not soundness.misread(right, right, points)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (
            "np.log(sigma_2) - np.log(sigma_1) + (sigma_1**2 + np.square(mu_1 - mu_2)) / (2 * sigma_2**2) - 0.5",
            "proved",
        ),
        ("np.log(sigma_2) - np.log(sigma_1) + (sigma_1**2 + np.square(mu_1 - mu_2)) / (2 * sigma_2**2)", "misread"),
        ("np.fix(sigma_2)", "not read"),
    ],
)
def test_the_benchmark_sees_what_is_read(text, status):
    found = soundness.derivation(0)
    with mpmath.workdps(soundness.DIGITS):
        points = soundness.points_of(found, Random(1))
        assert soundness.verdict(text, found.record.statement.right, found, points) == status


@pytest.mark.parametrize("seed", range(6))
def test_python_computes_what_was_written(seed):
    pytest.importorskip("torch")
    random = Random(seed)
    for number in range(14):  # of symbolic dimension
        found = soundness.derivation(number)
        parameters, closed = laws(found.question).parameters, found.record.statement.right
        formula = rewrites.rewritten(closed, random)
        points = soundness.points_of(found, random)
        rights = [float(right) for right in soundness.values(formula, points)]
        text = as_python.as_python(formula, parameters, random)
        results = python_run.results(text, parameters, points)
        assert results, text
        # For samples as rows the result is their mean; else a vector is one sample.
        expected = [np.mean(rights), rights[0]] if parameters[0].head == "Indexed" else rights[:1]
        assert any(
            result == pytest.approx(right, rel=1e-8, abs=1e-8) for result, right in zip(results, expected, strict=True)
        ), text


@pytest.mark.parametrize("law", [law for law in rewrites.LAWS if law is not None], ids=lambda _: "law")
def test_every_law_changes_some_closed_form(law):
    random = Random(0)
    forms = [inert(soundness.derivation(k).record.statement.right) for k in range(len(soundness.REQUESTS))]
    assert any(law(form, random) != form for form in forms for _ in range(5))


def test_every_mutant_is_a_formula_of_its_own():
    found, random = soundness.derivation(0), Random(2)
    right = found.record.statement.right
    mutants = {rewrites.mutant(right, random) for _ in range(60)}
    assert len(mutants) > 30
    assert all(decide(m, found, explain=False).status != "proved" for m in mutants - {right})
