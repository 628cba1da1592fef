"""Conditions of a question, infinity, and values that are stated: what rests on them, and what does not follow."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from kernel_steps import ONE, TWO, expectation, exponential, log, u, x
from more_laws import COIN, INVERSE_GAMMA, PARETO, STATED, UNIFORM, with_laws

from kl_symbolic.engine import derive
from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.functions import Domain
from kl_symbolic.kernel import prove, prove_step, specialise
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.parameters import symbol_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws, left_side
from kl_symbolic.terms import INFINITY, Number, Symbol, Term, Vector, substitute


@pytest.fixture(autouse=True)
def _more_laws():
    with with_laws(COIN, INVERSE_GAMMA, PARETO, STATED, UNIFORM):
        yield


# Infinity.


def infinite(p_name: str, q_name: str, *where: str, **options: object) -> Derivation:
    question = Question("kl", p_name, q_name, where=where, **options)
    return Derivation(question, (Step("support", left_side(question), INFINITY),))


INFINITE = [
    ("normal", "exponential"),
    ("uniform", "exponential", "b_1 > 0", "a_1 = -1"),
    ("uniform", "uniform", "a_2 > a_1"),
    ("uniform", "uniform", "b_1 > b_2", "b_2 > a_1", "a_1 > a_2"),
    ("pareto", "pareto", "m_2 > m_1"),
    ("exponential", "pareto"),
    ("poisson", "coin"),
    ("poisson", "exponential"),
    ("exponential", "poisson"),
    ("exponential", "uniform"),
]
NOT_INFINITE = [
    ("exponential", "normal"),
    ("uniform", "normal"),
    ("uniform", "exponential"),
    ("uniform", "uniform"),
    ("uniform", "uniform", "a_1 > a_2"),
    ("uniform", "uniform", "a_1 = a_2"),
    ("uniform", "uniform", "a_1 > a_2", "b_2 > b_1"),
    ("pareto", "pareto"),
    ("pareto", "pareto", "m_1 > m_2"),
    ("pareto", "pareto", "m_1 = m_2"),
    ("pareto", "exponential"),
    ("pareto", "pareto", "alpha_2 > alpha_1"),
    ("coin", "poisson"),
    ("inverse_gamma", "exponential"),
]


@pytest.mark.parametrize("case", INFINITE, ids=str)
def test_a_divergence_is_infinite(case):
    derivation = infinite(*case)
    proof = prove(derivation)
    assert proof.statement.right is INFINITY
    assert len(proof.axioms) == 1
    in_bits = replace(derivation.question, unit="bits")
    prove(Derivation(in_bits, (Step("support", left_side(in_bits), INFINITY),)))


@pytest.mark.parametrize("case", NOT_INFINITE, ids=str)
def test_a_divergence_is_not_shown_to_be_infinite(case):
    with pytest.raises(ProofError, match="not shown to be infinite"):
        prove(infinite(*case))


@pytest.mark.parametrize("quantity", ["cross_entropy", "decomposition", "asymmetry", "gradient"])
def test_only_a_divergence_is_infinite(quantity):
    question = Question(quantity, "poisson", "exponential")
    with pytest.raises(ProofError, match=r"divergence|not in"):
        prove(Derivation(question, (Step("support", left_side(question), INFINITY),)))


def test_nothing_is_calculated_with_infinity():
    derivation = infinite("normal", "exponential")
    (step,) = derivation.steps
    question = Question("asymmetry", "exponential", "normal")
    cites = (Citation(derivation.name),)
    for rule in ("algebra", "definition", "support", "collect"):
        with pytest.raises(ProofError):
            prove_step(Step(rule, u, INFINITY))
        with pytest.raises(ProofError):
            prove(replace(derivation, steps=(step, Step(rule, INFINITY, u))))
    with pytest.raises(ProofError):
        prove(Derivation(question, (Step("theorem", left_side(question), INFINITY, cites),), (derivation,)))
    start = left_side(Question("entropy", "normal"))
    idle = Step("theorem", start, Term("Add", start, u, -u), cites)
    with pytest.raises(ProofError, match="an infinite value is not inserted"):
        prove(Derivation(Question("entropy", "normal"), (idle,), (derivation,)))
    doubled = Question("kl", "normal", "exponential", unit="bits")
    with pytest.raises(ProofError, match="infinite"):
        prove(Derivation(doubled, (Step("theorem", left_side(doubled), u, cites),), (derivation,)))


def test_an_infinite_value_stays_one_in_special_cases():
    proof = prove(infinite("uniform", "uniform", "a_2 > a_1"))
    by_name = {symbol_of(one).name: one for one in laws(proof.question).parameters}
    values = [(by_name[name], Number(c)) for name, c in {"a_1": 0, "b_1": 5, "a_2": 1, "b_2": 7}.items()]
    assert specialise(proof, values).statement.right is INFINITY
    with pytest.raises(ProofError):
        specialise(proof, values, Number(0))
    with pytest.raises(ProofError, match="lies above"):
        specialise(proof, [(by_name["a_2"], by_name["a_1"])])
    with pytest.raises(ProofError, match="lies above"):
        specialise(proof, [*values[:2], (by_name["a_2"], Number(0)), values[3]])


def test_an_infinite_lemma_that_nothing_cites_is_no_axiom():
    honest = derive(Question("entropy", "exponential"))
    lemma = infinite("normal", "exponential")
    assert prove(replace(honest, lemmas=(*honest.lemmas, lemma))).axioms == prove(honest).axioms


# Conditions of a question: with another one, nothing is proved.


def under(derivation: Derivation, *where: str) -> Derivation:
    """Return a derivation with the symbols that belong to other conditions."""
    question = replace(derivation.question, where=where)
    named = {symbol_of(one).name: one for one in laws(derivation.question).parameters}
    law_p, law_q, _ = laws(question)
    old_p, old_q, _ = laws(derivation.question)
    new = {
        o: k for old, law in ((old_p, law_p), (old_q, law_q)) for o, k in zip(old.args[1:], law.args[1:], strict=True)
    }
    assert set(new) <= set(named.values())
    put = partial(substitute, values=new)
    steps = tuple(
        replace(
            step,
            before=put(step.before),
            after=put(step.after),
            cites=tuple(replace(c, substitution=tuple((s, put(w)) for s, w in c.substitution)) for c in step.cites),
        )
        for step in derivation.steps
    )
    return replace(derivation, question=question, steps=steps)


CONDITIONAL = {
    ("uniform", "uniform", ("a_1 > a_2", "b_2 > b_1")): (
        {("b_2 > b_1", "a_1 > a_2"), ("a_2 > 0", "a_1 > a_2", "b_2 > b_1"), ("a_2 = 0", "a_1 > 0", "b_2 > b_1")},
        {
            (),
            ("a_1 > a_2",),
            ("b_2 > b_1", "a_1 > -5", "a_2 > -5"),
            ("a_2 > a_1", "b_2 > b_1"),
            ("a_1 > a_2", "b_1 > b_2", "b_2 > a_1"),
            ("a_1 > b_2",),
            ("a_2 = 0", "b_2 = 1"),
            ("a_2 = 0", "a_1 > 0", "b_2 = 1"),
        },
    ),
    ("inverse_gamma", "exponential", ("alpha_1 > 1",)): (
        {
            ("alpha_1 > 2",),
            ("alpha_1 > 1", "beta_1 > alpha_1"),
            ("alpha_1 = 2",),
            ("lambda_2 > 1", "alpha_1 > lambda_2"),
        },
        {
            (),
            ("alpha_1 > 0",),
            ("alpha_1 > 1/2",),
            ("alpha_1 = 1",),
            ("beta_1 > 1",),
            ("lambda_2 > 1",),
            ("lambda_2 > alpha_1",),
            ("alpha_1 > lambda_2",),
            ("alpha_1 = beta_1",),
        },
    ),
}


@pytest.mark.parametrize("case", CONDITIONAL, ids=str)
def test_a_theorem_holds_under_its_conditions_and_no_weaker_ones(case):
    p_name, q_name, where = case
    stronger, weaker = CONDITIONAL[case]
    derivation = derive(Question("kl", p_name, q_name, where=where))
    assert prove(derivation) == prove(under(derivation, *where))
    for conditions in stronger:
        listed = {str(c) for c in prove(under(derivation, *conditions)).conditions}
        assert {one for one in conditions if ">" in one} <= listed
    for conditions in weaker:
        with pytest.raises(KLError):
            prove(under(derivation, *conditions))


def test_a_lemma_is_cited_where_its_condition_holds():
    lemma = derive(Question("moment", "inverse_gamma", of="mean", where=("alpha > 1",)))
    shape, scale = laws(lemma.question).parameters
    question = Question("entropy", "exponential")
    start = left_side(question)

    def cite(own: Term, value: Term) -> Derivation:
        mean = expectation(x, Term("Law", "inverse_gamma", own, scale), x)
        cites = (Citation(lemma.name, ((shape, value),)),)
        steps = [Step("algebra", start, start + mean - mean)]
        steps += [Step("moments", steps[0].after, start + scale / (own - 1) - mean, cites)]
        return Derivation(question, tuple(steps), (lemma,))

    plain = Symbol("alpha", Domain.POSITIVE)
    for value in (shape, shape + 1, plain + 1, Number(2), Symbol("s", above=Number(3)), shape**2):
        with pytest.raises(ProofError, match="not a closed form"):  # both steps hold
            prove(cite(value, value))
    for value in (
        plain,
        ONE,
        ONE / 2,
        Symbol("s", Domain.POSITIVE, above=ONE / 2),
        shape - 1,
        2 * plain,
        u + 1,
        1 / shape,
        Symbol("alpha", Domain.POSITIVE, above=Number(0)),
    ):
        with pytest.raises(ProofError, match=r"lies above 1, as moment|is positive, as moment|no meaning"):
            prove(cite(value, value))
    with pytest.raises(ProofError, match="no scalar parameter"):
        prove(replace(cite(plain, shape), steps=cite_other(cite(shape, shape), plain)))


def cite_other(derivation: Derivation, parameter: Term) -> tuple[Step, ...]:
    """Return the steps with a citation that replaces another parameter."""
    first, second = derivation.steps
    (citation,) = second.cites
    ((_, value),) = citation.substitution
    return first, replace(second, cites=(replace(citation, substitution=((parameter, value),)),))


def test_a_special_case_loses_no_condition():
    """Where alpha_2 takes the place of alpha_1, what is left says of it what was said of alpha_1."""
    proof = prove(
        derive(Question("kl", "inverse_gamma", "gamma", where=("alpha_1 > 1", "beta_2 > 1", "alpha_2 > beta_2")))
    )
    by_name = {symbol_of(one).name: one for one in laws(proof.question).parameters}
    alpha_1, alpha_2, beta_2 = (by_name[name] for name in ("alpha_1", "alpha_2", "beta_2"))
    with pytest.raises(ProofError, match="alpha_2 > beta_2 is a condition on alpha_2; give it a value, too"):
        specialise(proof, [(alpha_1, alpha_2), (beta_2, Number(7)), (alpha_2, Number(9))])
    kept = specialise(proof, [(alpha_1, alpha_2)])
    assert {"alpha_2 > beta_2", "beta_2 > 1", "alpha_2 > 0"} <= {str(c) for c in kept.conditions}


# Derivatives of what holds under conditions.


def test_a_gradient_by_a_bound_and_by_what_it_bounds():
    gradient = derive(Question("gradient", "uniform", "uniform", where=("a_1 > a_2", "b_2 > b_1")))
    statement = prove(gradient).statement
    parameters = [one.args[1] for one in statement.left.args]
    by_name = {symbol_of(one).name: one for one in parameters}
    width_1, width_2 = by_name["b_1"] - by_name["a_1"], by_name["b_2"] - by_name["a_2"]
    slopes = {"a_1": 1 / width_1, "b_1": -1 / width_1, "a_2": -1 / width_2, "b_2": 1 / width_2}
    for parameter, slope in zip(parameters, statement.right.args, strict=True):
        prove_step(Step("algebra", slope + u, Term("Add", u, slopes[symbol_of(parameter).name])))


# Values that are stated.


def stated(value: Term, **options: object) -> Derivation:
    question = Question("moment", "stated", of="mean", **options)
    return Derivation(question, (Step("computed", left_side(question), value),))


def test_a_stated_value_is_listed_wherever_it_is_used():
    lemma = stated(ONE)  # which is wrong
    assert prove(lemma).computed == (lemma.name,)
    derivation = derive(Question("kl", "stated", "exponential"))
    proof = prove(derivation)
    assert proof.computed == ("moment(stated, mean) where alpha > 1",)
    assert specialise(proof, [(laws(proof.question).parameters[0], Number(5))]).computed == proof.computed
    honest = derive(Question("entropy", "exponential"))
    assert prove(replace(honest, lemmas=(*honest.lemmas, lemma))).computed == ()


STATED_ALPHA, STATED_BETA = (Symbol(name, Domain.POSITIVE) for name in ("alpha", "beta"))
NOT_STATED = {
    "infinity": INFINITY,
    "a vector": Vector(STATED_BETA, ONE),
    "an integral": expectation(x, exponential(STATED_BETA)),
    "another symbol": u,
    "what means nothing": log(-STATED_BETA),
}


@pytest.mark.parametrize("case", NOT_STATED)
def test_what_is_stated_is_a_closed_form(case):
    with pytest.raises(ProofError):
        prove(stated(NOT_STATED[case]))


def test_nothing_but_an_expectation_is_stated():
    for question in (
        Question("entropy", "stated"),
        Question("kl", "stated", "stated"),
        Question("kl", "normal", "exponential"),
    ):
        with pytest.raises(ProofError, match="only the value of an expectation"):
            prove(Derivation(question, (Step("computed", left_side(question), ONE),)))
    lemma = stated(ONE)
    (step,) = lemma.steps
    for steps in ((step, Step("algebra", ONE, TWO)), (Step("algebra", step.before, step.before + u), step)):
        with pytest.raises(ProofError):
            prove(replace(lemma, steps=steps))
    with pytest.raises(ProofError, match="single step"):
        prove_step(step)
    with pytest.raises(ProofError, match="only the value"):
        prove(replace(lemma, steps=(replace(step, cites=(Citation(lemma.name),)),)))
