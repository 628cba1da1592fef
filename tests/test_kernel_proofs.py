"""What the kernel says of a derivation: what it proved, on which axioms, under which conditions, and why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kl_symbolic.engine import derive
from kl_symbolic.errors import ProofError
from kl_symbolic.families import all_families
from kl_symbolic.kernel import AXIOMS, RULES, prove, rules
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.parameters import domain_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws, left_side
from kl_symbolic.proof.supports import VARIABLES
from kl_symbolic.terms import COORDINATE, DIMENSION, ONE_COORDINATE, Number, parts_with

N, D, STANDARD = "normal", "diagonal_normal", "standard_normal"
DEFINITIONS = ("definition of the densities", "definition of the divergence and the entropies")
SCORE_AXIOMS = ("differentiation under the integral sign", "linearity of the integral")
FUBINI = "Fubini's theorem for product densities"

QUESTIONS = [
    *(Question("moment", f.name, of=m.name) for f in all_families().values() for m in f.moments),
    *(Question("score", f.name, of=p.name) for f in all_families().values() for p in f.parameters),
    *(Question("kl", f, f) for f in all_families()),
    *(Question("kl", f"diagonal_{f}", f"diagonal_{f}") for f in all_families()),
    *(Question("decomposition", f, f) for f in all_families()),
    *(Question("asymmetry", f, f) for f in all_families()),
    *(Question("gradient", f, f) for f in all_families()),
    *(Question("kl", N, q, param, param) for q in (N, STANDARD) for param in ("var", "logvar")),
    *(Question("kl", D, STANDARD, "logvar", "logvar", dim) for dim in (None, 1, 3)),
    *(Question(q, N, N, unit="bits") for q in ("kl", "asymmetry", "gradient")),
    Question("kl", "exponential", N),
    Question("kl", "exponential", N, "var", "var"),
    Question("gradient", N, N, "logvar", "std"),
    Question("asymmetry", "gamma", "gamma", "scale", "mean"),
    Question("kl", STANDARD, STANDARD),
    Question("asymmetry", D, D),
    Question("entropy", D),
    Question("entropy", N, param_p="var"),
    Question("cross_entropy", "exponential", N),
    Question("gradient", D, STANDARD, "logvar", "logvar"),
    Question("gradient", D, D, dim=2),
]


@pytest.mark.sample(20)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda c: c.name)
def test_every_question_is_proved(question):
    derivation = derive(question)
    proof = prove(derivation)
    assert proof.question == question
    assert proof.statement.left == left_side(question)
    assert proof.statement.right == derivation.steps[-1].after
    assert proof.computed == ()


@pytest.mark.parametrize(
    ("question", "axioms"),
    [
        (Question("score", N, of="sigma"), {"definition of the densities"}),
        (Question("decomposition", N, N), {DEFINITIONS[1], "linearity of the integral"}),
        (
            Question("moment", "exponential", of="mean"),
            {DEFINITIONS[0], *SCORE_AXIOMS, "normalisation of the exponential density"},
        ),
        (Question("kl", N, N), {*DEFINITIONS, *SCORE_AXIOMS, "normalisation of the normal density"}),
        (Question("kl", "exponential", N), {*DEFINITIONS, *SCORE_AXIOMS, "normalisation of the exponential density"}),
        (Question("kl", D, D), {*DEFINITIONS, *SCORE_AXIOMS, "normalisation of the normal density", FUBINI}),
        (
            Question("gradient", D, STANDARD, "logvar", "logvar"),
            {*DEFINITIONS, *SCORE_AXIOMS, "normalisation of the normal density", FUBINI},
        ),
    ],
    ids=lambda c: getattr(c, "name", ""),
)
def test_a_proof_lists_exactly_the_axioms_it_leans_on(question, axioms):
    assert set(prove(derive(question)).axioms) == axioms


def test_every_theory_that_is_more_than_calculation_is_an_axiom():
    calculation = {
        *(rules.logarithm, rules.exponential, rules.sums, rules.finite, rules.derivative),
        rules.sums_outside,  # does nothing without linearity
        rules.normalisation,  # listed by family
        rules.abbreviations,  # definitions
    }
    theories = set().union(*(rule.theories + rule.unfoldings for rule in RULES.values()))
    assert theories - calculation == set(AXIOMS)
    assert calculation <= theories


@pytest.mark.sample(10)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda c: c.name)
def test_every_positive_parameter_is_a_condition(question):
    positive = {c.subject for c in prove(derive(question)).conditions if c.kind in ("positive", "unit")}
    assert positive == {p for p in laws(question).parameters if domain_of(p).positive}


def test_interchanged_limits_are_conditions():
    found = [str(c) for c in prove(derive(Question("kl", N, N))).conditions]
    assert any("moves through the integral" in c and ", mu)" in c for c in found)
    assert any("moves through the integral" in c and ", sigma)" in c for c in found)
    assert any("converges absolutely" in c and "x**2" in c for c in found)


def test_integrals_that_a_step_splits_off_and_inserts_at_once_are_conditions_too():
    whole = derive(Question("cross_entropy", N, N))
    place = [s.rule for s in whole.steps].index("linearity")
    split, insert = whole.steps[place : place + 2]
    merged = replace(insert, before=split.before)
    short = replace(whole, steps=(*whole.steps[:place], merged, *whole.steps[place + 2 :]))
    try:
        proof = prove(short)
    except ProofError:
        return  # a kernel may refuse to do two things in one step
    assert {c for c in prove(whole).conditions if c.kind == "integrable"} <= set(proof.conditions)


def test_a_coordinate_of_a_gradient_lies_in_range():
    conditions = prove(derive(Question("gradient", D, STANDARD, "logvar", "logvar"))).conditions
    assert "1 <= j <= n" in map(str, conditions)


def test_a_concrete_coordinate_needs_no_condition():
    conditions = prove(derive(Question("gradient", D, D, dim=2))).conditions
    assert [c for c in conditions if c.kind == "coordinate"] == []


def test_a_normalisation_that_is_put_in_is_an_axiom_too():
    kl = derive(Question("kl", "exponential", "exponential"))
    mass = next(s for s in derive(Question("moment", N, of="mean")).steps if s.rule == "leibniz").after
    (integral,) = parts_with(mass, "Integral")
    end = kl.statement.right
    step = type(kl.steps[0])
    detour = (step("normalisation", end, end * integral), step("normalisation", end * integral, end))
    assert "normalisation of the normal density" in prove(replace(kl, steps=kl.steps + detour)).axioms
    assert "normalisation of the normal density" not in prove(kl).axioms


def test_a_message_names_the_derivation_the_step_the_rule_and_both_sides():
    derivation = derive(Question("kl", N, N))
    *steps, last = derivation.steps
    wrong = replace(last, after=last.after + 1)
    with pytest.raises(ProofError) as caught:
        prove(replace(derivation, steps=(*steps, wrong)))
    message = str(caught.value)
    assert f"kl(normal, normal), step {len(steps) + 1} (collect): the two sides are not equal" in message
    assert f"before: {wrong.before}" in message
    assert f"after:  {wrong.after}" in message


def test_a_wrong_lemma_is_named():
    derivation = derive(Question("kl", N, N))
    lemma = derivation.lemmas[0]
    *steps, last = lemma.steps
    wrong = replace(lemma, steps=(*steps, replace(last, after=last.after + 1)))
    with pytest.raises(ProofError, match=lemma.name.replace("(", r"\(").replace(")", r"\)")):
        prove(replace(derivation, lemmas=(wrong, *derivation.lemmas[1:])))


def test_a_chain_must_start_from_its_statement():
    derivation = derive(Question("kl", N, N))
    with pytest.raises(ProofError, match=r"step 1 .*does not start from the statement"):
        prove(replace(derivation, question=Question("kl", "exponential", "exponential")))


def test_a_dropped_step_breaks_the_chain():
    derivation = derive(Question("kl", N, N))
    with pytest.raises(ProofError, match="does not start from the stage before"):
        prove(replace(derivation, steps=(derivation.steps[0], *derivation.steps[2:])))


def test_a_chain_must_end_in_a_closed_form():
    derivation = derive(Question("kl", N, N))
    with pytest.raises(ProofError, match="not a closed form"):
        prove(replace(derivation, steps=derivation.steps[:-2]))


def test_a_derivation_without_steps_proves_nothing():
    with pytest.raises(ProofError, match="no steps"):
        prove(Derivation(Question("kl", N, N), ()))


def test_a_derivation_cannot_cite_itself():
    derivation = derive(Question("kl", N, STANDARD))
    theorem = next(s for s in derivation.steps if s.cites)
    itself = replace(theorem, cites=(replace(theorem.cites[0], name=derivation.name, substitution=()),))
    steps = tuple(itself if s is theorem else s for s in derivation.steps)
    with pytest.raises(ProofError, match="not proved before"):
        prove(replace(derivation, steps=steps))
    with pytest.raises(ProofError, match="two derivations are called"):
        prove(replace(derivation, steps=steps, lemmas=(derivation, *derivation.lemmas)))


def test_a_lemma_must_be_brought_along():
    with pytest.raises(ProofError, match="not proved before"):
        prove(replace(derive(Question("kl", N, STANDARD)), lemmas=()))


def test_two_lemmas_with_one_name_are_refused():
    derivation = derive(Question("kl", N, STANDARD))
    (lemma,) = derivation.lemmas
    wrong = replace(lemma, steps=(*lemma.steps[:-1], replace(lemma.steps[-1], after=Number(0))))
    for lemmas in ((lemma, wrong), (wrong, lemma)):
        with pytest.raises(ProofError, match="two derivations are called"):
            prove(replace(derivation, lemmas=lemmas))


def test_a_lemma_is_proved_once():
    derivation = derive(Question("gradient", D, D, dim=2))
    parts = list(derivation.with_lemmas())
    assert len({p.name for p in parts}) == len(parts)
    assert prove(derivation).steps == sum(len(p.steps) for p in parts)
    twice = replace(derivation, lemmas=derivation.lemmas * 2)
    assert prove(twice) == prove(derivation)


def test_a_proof_is_the_same_every_time():
    question = Question("gradient", D, D, dim=2)
    assert prove(derive(question)) == prove(derive(question))


def test_no_parameter_is_called_as_what_a_binder_binds():
    """Values are put in place of parameters by name: a parameter x would be taken for the variable of integration."""
    bound = {COORDINATE.name, ONE_COORDINATE.name, DIMENSION.name, *(one.name for one in VARIABLES.values())}
    assert bound == {"i", "j", "n", "x", "k"}
    for family in all_families().values():
        assert bound.isdisjoint(p.name for p in family.all_parameters), family.name
