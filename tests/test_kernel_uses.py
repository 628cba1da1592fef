"""What a proof lists is what it used: axioms, and conditions, each once, and nothing that it could do without."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from kl_symbolic import ProofError, catalogue, derive, prove
from kl_symbolic.engine import worked_out
from kl_symbolic.families import Support
from kl_symbolic.functions import Domain
from kl_symbolic.kernel import prove as prove_record
from kl_symbolic.kernel import prove_step
from kl_symbolic.kernel.arithmetic import Arithmetic
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.uses import uses
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.statement import integral, laws
from kl_symbolic.proof.supports import family_of, variable
from kl_symbolic.terms import (
    COORDINATE,
    DIMENSION,
    Array,
    Density,
    Diff,
    Law,
    Number,
    ProductLaw,
    Sum,
    Symbol,
    Term,
)

log = partial(Term, "log")
MU, SIGMA = Symbol("mu"), Symbol("sigma", Domain.POSITIVE)
RATE = Symbol("lambda", Domain.POSITIVE)
NORMAL, EXPONENTIAL = Law("normal", MU, SIGMA), Law("exponential", RATE)
x, t = variable(Support.REALS), variable(Support.POSITIVE_REALS)
LINEARITY, LEIBNIZ = "linearity of the integral", "differentiation under the integral sign"
FUBINI = "Fubini's theorem for product densities"
NORMALISED = {name: f"normalisation of the {name} density" for name in ("normal", "exponential")}


def expectation(statistic, law=NORMAL):
    """Return the inert expectation of a statistic."""
    return integral(statistic * Density(law, x if law is NORMAL else t), law)


def score(theta, law=NORMAL):
    return Diff(log(Density(law, x if law is NORMAL else t)), theta)


def used(rule, before, after):
    """Prove a step and return what it leans on: axioms, and conditions by kind."""
    step = Step(rule, before, after)
    prove_step(step)
    found = uses(step, lambda theories: Canon(theories, {}, Arithmetic()))
    assert len(set(found.conditions)) == len(found.conditions)
    kinds = {kind: {c.subject for c in found.conditions if c.kind == kind} for kind in ("integrable", "interchange")}
    return set(found.axioms), kinds["integrable"], kinds["interchange"]


ONE, MEAN, SQUARE = expectation(Number(1)), expectation(x), expectation(x**2)


def test_of_a_split_integral_the_parts_converge_and_so_does_the_whole():
    whole = expectation(x**2 + MU * x + 3)
    split = SQUARE + MU * MEAN + 3 * ONE
    assert used("linearity", whole, split) == ({LINEARITY}, {SQUARE, MEAN, ONE}, set())
    assert used("linearity", split, whole) == ({LINEARITY}, {SQUARE, MEAN, ONE}, set())


def test_parts_that_are_split_no_further_are_the_condition():
    half = expectation(x + 3)
    assert used("linearity", expectation(x**2 + x + 3), SQUARE + half) == (
        {LINEARITY},
        {expectation(x**2 + x + 3), SQUARE, half},
        set(),
    )


def test_an_integral_that_a_step_leaves_alone_is_no_condition():
    before, after = expectation(2 * x) + SQUARE, 2 * MEAN + SQUARE
    assert used("linearity", before, after) == ({LINEARITY}, {MEAN}, set())


def test_an_axiom_that_is_not_needed_is_not_used():
    before, after = (MU + SIGMA) * SQUARE, MU * SQUARE + SIGMA * SQUARE
    for rule in ("linearity", "normalisation", "definition", "density", "leibniz", "fubini", "sum_outside"):
        assert used(rule, before, after) == (set(), set(), set())


def test_the_derivative_that_moves_is_named_with_the_integral_that_it_moves_through():
    inner = Diff(ONE, MU)
    assert used("leibniz", expectation(score(MU)), inner) == ({LEIBNIZ}, set(), {inner})
    assert used("leibniz", inner, expectation(score(MU))) == ({LEIBNIZ}, set(), {inner})
    weighted = Diff(expectation(x), SIGMA)
    other = Diff(expectation(x**3), MU)
    before, after = SIGMA * expectation(x * score(SIGMA)) + other, SIGMA * weighted + other
    assert used("leibniz", before, after) == ({LEIBNIZ}, set(), {weighted})


def test_linearity_within_a_step_that_moves_a_derivative_is_used_too():
    axioms, integrable, interchange = used(
        "leibniz", expectation(3 + SIGMA * score(MU)), 3 * ONE + SIGMA * Diff(ONE, MU)
    )
    assert (axioms, integrable, interchange) == ({LINEARITY, LEIBNIZ}, {ONE}, {Diff(ONE, MU)})


@pytest.mark.parametrize("rule", ["linearity", "leibniz"])
def test_a_constant_that_leaves_an_integral_needs_it_to_converge_by_whatever_rule(rule):
    c = Symbol("c")
    body = x * Density(NORMAL, x) * score(MU)
    left = integral(body, NORMAL)
    assert used(rule, integral(c * body, NORMAL), c * left) == ({LINEARITY}, {left}, set())


def test_only_the_family_that_integrates_to_one_is_normalised():
    one, other = expectation(Number(1)), expectation(Number(1), EXPONENTIAL)
    kept = expectation(t, EXPONENTIAL)
    assert used("normalisation", one + kept, 1 + kept) == ({NORMALISED["normal"]}, set(), set())
    assert used("normalisation", other * MEAN, MEAN) == ({NORMALISED["exponential"]}, set(), set())
    assert used("normalisation", one + other, one + 1)[0] == {NORMALISED["exponential"]}
    assert used("normalisation", Diff(one, MU), Diff(Number(1), MU))[0] == {NORMALISED["normal"]}


def product():
    m, s = Array(Symbol("m")), Array(Symbol("s", Domain.POSITIVE))
    one = Law("normal", m[COORDINATE], s[COORDINATE])
    return one, ProductLaw(one, COORDINATE, DIMENSION), variable(Support.REALS, vector=True)


def test_fubini_needs_the_integral_over_one_coordinate_to_converge():
    one, joint, point = product()
    before = Sum(integral(point[COORDINATE] ** 2 * Density(joint, point), joint), COORDINATE, DIMENSION)
    single = integral(x**2 * Density(one, x), one)
    axioms, integrable, interchange = used("fubini", before, Sum(single, COORDINATE, DIMENSION))
    assert (axioms, integrable, interchange) == ({FUBINI, NORMALISED["normal"]}, {single}, set())


def test_a_sum_leaves_the_integral_by_linearity():
    _, joint, point = product()
    before = integral(Density(joint, point) * Sum(point[COORDINATE] ** 2, COORDINATE, DIMENSION), joint)
    inside = integral(Density(joint, point) * point[COORDINATE] ** 2, joint)
    after = Sum(inside, COORDINATE, DIMENSION)
    assert used("sum_outside", before, after) == ({LINEARITY}, {inside}, set())
    for rule in ("logarithm", "collect", "differentiate"):
        with pytest.raises(ProofError, match="not equal by this rule"):
            prove_step(Step(rule, before, after))


# Whole derivations


def of_kind(proof, kind):
    """Return the subjects of the conditions of a kind, each once, with their factors in the engine's order."""
    found = [worked_out(c.subject) for c in proof.conditions if c.kind == kind]
    assert len(set(found)) == len(found)
    return set(found)


def in_order(*terms):
    """Return terms with their factors in the engine's order."""
    return set(map(worked_out, terms))


def laws_of(name, *domains):
    """Return the law with plain parameters, and those that P and Q have in a divergence within its family."""
    made = []
    for index in ("", "_1", "_2"):
        symbols = (Symbol(f"{symbol}{index}", domain) for symbol, domain in domains)
        made.append(Law(name, *symbols))
    return made


def mean(law, statistic=1):
    """Return the inert expectation of a statistic under any scalar law."""
    return integral(statistic * Density(law, variable(family_of(law).support)), law)


def log_density(law):
    return log(Density(law, variable(family_of(law).support)))


def by_moments(law, powers, parameters):
    """Return the integrals of the score identities that give the moments of a law, and the derivatives that move."""
    at = variable(family_of(law).support)
    scores = {mean(law, at**w * Diff(log_density(law), theta)) for w, theta in parameters}
    return scores | {mean(law, at**k) for k in powers}, {Diff(mean(law, at**w), theta) for w, theta in parameters}


def test_conditions_of_two_normal_laws():
    law, p, q = laws_of("normal", ("mu", Domain.REAL), ("sigma", Domain.POSITIVE))
    integrals, derivatives = by_moments(law, (0, 1), [(0, law.args[1]), (0, law.args[2])])
    proof = prove(derive("normal", "normal"))
    parts = {mean(p, x**k) for k in (0, 1, 2)} | {mean(law, x**2)}
    logs = {mean(p, log_density(p)), mean(p, log_density(q))}
    assert of_kind(proof, "integrable") == in_order(*integrals, *parts, *logs)
    assert of_kind(proof, "interchange") == in_order(*derivatives)
    assert of_kind(proof, "positive") == {p.args[2], q.args[2]}


def test_conditions_of_two_exponential_laws_and_of_their_second_moment():
    law, p, q = laws_of("exponential", ("lambda", Domain.POSITIVE))
    integrals, derivatives = by_moments(law, (0,), [(0, RATE)])
    proof = prove(derive("exponential", "exponential"))
    parts = {mean(p), mean(p, t), mean(law, t), mean(p, log_density(p)), mean(p, log_density(q))}
    assert of_kind(proof, "integrable") == in_order(*integrals, *parts)
    assert of_kind(proof, "interchange") == in_order(*derivatives)
    weighted = prove(derive("exponential", quantity="moment", of="second_moment"))
    integrals, derivatives = by_moments(law, (0, 1), [(0, RATE), (1, RATE)])
    assert of_kind(weighted, "integrable") == in_order(*integrals)
    assert of_kind(weighted, "interchange") == in_order(*derivatives)


def test_conditions_of_two_poisson_laws():
    law, p, q = laws_of("poisson", ("lambda", Domain.POSITIVE))
    integrals, derivatives = by_moments(law, (0,), [(0, RATE)])
    proof = prove(derive("poisson", "poisson"))
    count = variable(Support.NATURALS)
    assert of_kind(proof, "integrable") == in_order(*integrals, mean(p), mean(p, count))
    assert of_kind(proof, "interchange") == in_order(*derivatives)
    assert of_kind(proof, "positive") == {p.args[1], q.args[1]}


def test_diagonal_laws_need_what_one_coordinate_needs_and_the_joint_integral_of_one_term():
    one, joint = (prove(derive(*2 * [name])) for name in ("normal", "diagonal_normal"))
    p, q, _ = laws(joint.question)
    point = variable(Support.REALS, vector=True)
    term = log(Density(p.args[0], point[COORDINATE]) / Density(q.args[0], point[COORDINATE]))
    single = mean(p.args[0], log(Density(p.args[0], x) / Density(q.args[0], x)))
    more = in_order(integral(Density(p, point) * term, p), single)
    assert of_kind(joint, "integrable") == of_kind(one, "integrable") | more
    assert of_kind(joint, "interchange") == of_kind(one, "interchange")


def test_what_is_brought_along_and_not_cited_is_not_used():
    record = derive("normal", "normal").record
    kept = prove_record(record)
    more = derive("diagonal_exponential", "diagonal_exponential").record
    padded = prove_record(replace(record, lemmas=(more, *record.lemmas)))
    assert more.name in padded.lemmas
    assert (padded.axioms, padded.conditions) == (kept.axioms, kept.conditions)


@pytest.mark.sample(10)
@pytest.mark.parametrize("d", [pytest.param(d, id=d.name) for d in catalogue()])
def test_every_condition_of_an_interchange_names_a_derivative_of_an_integral(d):
    proof = prove(d)
    interchanged, integrals = (of_kind(proof, kind) for kind in ("interchange", "integrable"))
    for subject in interchanged:
        assert subject.head == "Diff"
        assert subject.args[0].head == "Integral"
    assert all(subject.head == "Integral" for subject in integrals)
    assert bool(interchanged) == (LEIBNIZ in proof.axioms)
    if integrals:
        assert {LINEARITY, FUBINI} & set(proof.axioms)
