"""Abbreviations: the kernel takes them for what they stand for, and only where that has a meaning."""

from __future__ import annotations

from functools import partial, reduce

import pytest
from kernel_steps import (
    FOUR,
    ONE,
    PRODUCT,
    TWO,
    P,
    X,
    a,
    b,
    exp,
    expectation,
    forged,
    i,
    j,
    joint,
    log,
    mu,
    n,
    rate,
    u,
    v,
    x,
)

from kl_symbolic.engine import derive
from kl_symbolic.errors import ProofError
from kl_symbolic.functions import Domain, Function, all_functions, find_function
from kl_symbolic.kernel import has_value, prove, prove_step, replay, specialise
from kl_symbolic.proof.codec import to_json
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws, left_side
from kl_symbolic.terms import Density, Diff, Namespace, Number, Sum, Symbol, Term, rebuilt

M = Namespace()
NAMES = sorted(name for name, function in all_functions().items() if function.definition)
OTHER_RULES = ("algebra", "logarithm", "collect", "function", "formula", "differentiate", "recognition", "density")
FIRST, SECOND = Symbol("argument_0"), Symbol("argument_1")  # as the kernel calls the arguments of a formula
NOTHING = a - a
OUTSIDE = Sum(joint(X[i], PRODUCT, TWO), i, FOUR)

# Nothing but its power tells where its definition has a meaning.
INVERSE = Function(
    name="inverse",
    title="inverse",
    domains=(Domain.REAL,),
    definition=lambda m, t: 1 / t,
)
# An abbreviation of an abbreviation.
LOG_AGAIN = Function(
    name="log_again",
    title="logarithm",
    domains=(Domain.REAL,),
    definition=lambda m, t: m.log1p(t - 1),
)
# Its definition has a meaning everywhere, and it has not.
TOTAL = Function(
    name="total",
    title="sum of two positive numbers",
    domains=(Domain.POSITIVE, Domain.POSITIVE),
    definition=lambda m, s, t: s + t,
)
inverse, log_again, total = (partial(Term, name) for name in ("inverse", "log_again", "total"))


@pytest.fixture(autouse=True)
def _functions_more(monkeypatch):
    for function in (INVERSE, LOG_AGAIN, TOTAL):
        monkeypatch.setitem(all_functions(), function.name, function)


def arguments(name):
    """Return arguments at which a function has a meaning, and derivatives by them."""
    return [Symbol(f"t_{place}", Domain.POSITIVE) for place in range(find_function(name).arity)]


def written_out(term):
    """Return a term without abbreviations."""
    meanings = {name: partial(all_functions()[name].definition, M) for name in NAMES}
    return rebuilt(term, meanings)


def nested(function, term, times):
    return reduce(lambda inner, _: function(inner), range(times), term)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_what_it_stands_for(name):
    term = Term(name, *arguments(name))
    prove_step(Step("remainder", term, written_out(term)))
    with pytest.raises(ProofError, match="not equal"):
        prove_step(Step("remainder", term, written_out(term) + 1))


@pytest.mark.parametrize("rule", OTHER_RULES)
@pytest.mark.parametrize("name", NAMES)
def test_no_other_rule_writes_it_out(name, rule):
    term = Term(name, *arguments(name))
    with pytest.raises(ProofError, match="not equal"):
        prove_step(Step(rule, term, written_out(term)))


@pytest.mark.parametrize("name", NAMES)
def test_its_derivatives_are_those_of_what_it_stands_for(name):
    given = arguments(name)
    for slope, theta in zip(find_function(name).derivatives, given, strict=True):
        said = Term("Add", slope(M, *given), u)
        plain = written_out(said)
        if said is not plain:
            prove_step(Step("remainder", said, plain))
        prove_step(Step("differentiate", Diff(written_out(Term(name, *given)), theta) + u, plain))
        prove_step(Step("differentiate", Diff(Term(name, *given), theta) + u, said))


ACCEPTED = {
    "one within another": (M.expm1(M.expm1(u)), exp(exp(u) - 1) - 1),
    "symbols that are called as the arguments of formulas": (
        M.difference_of_products(SECOND, u, FIRST, v),
        SECOND * u - FIRST * v,
    ),
    "over coordinates": (
        Sum(M.itakura_saito(rate[i], b), i, n),
        Sum(rate[i], i, n) / b - n - Sum(log(rate[i]), i, n) + n * log(b),
    ),
    "below an integral": (expectation(M.log1p(x), P), expectation(log(1 + x), P)),
    "below a derivative": (Diff(M.log1p(a), a), Diff(log(1 + a), a)),
    "an abbreviation of an abbreviation": (log_again(a + 2) + u, log(a + 2) + u),
    "a definition that divides by what is negative": (inverse(-a), -1 / a),
}
NOT_EQUAL = {
    "symbols that are called as the arguments of formulas": (
        M.difference_of_products(SECOND, u, FIRST, v),
        FIRST * u - SECOND * v,
    ),
    "of another coordinate": (Sum(M.itakura_saito(rate[i], rate[j]), i, n), Number(0)),
    "arguments exchanged": (M.log_ratio(a, b), log(b / a)),
    "linearity": (expectation(2 * M.expm1(x), P), 2 * expectation(M.expm1(x), P)),
    "the derivative": (Diff(M.expm1(u), u), exp(u)),
    "the mass of a density": (M.expm1(u) + expectation(ONE, P), exp(u)),
    "the logarithm of a density": (M.expm1(log(Density(P, x))), a * exp(-a * x) - 1),
    "a function of one name and of another": (M.lgamma_remainder(a, b), M.gamma_shape_remainder(a, b)),
}
WITHOUT_MEANING = {
    "a division by 0": inverse(NOTHING),
    "a division by what may be 0": inverse(u),
    "a logarithm of what may be negative in an abbreviation of an abbreviation": log_again(u),
    "a first argument outside of its domain": total(u, a),
    "a second argument outside of its domain": total(a, u),
    "two arguments outside of their domains": M.itakura_saito(-a, -b),
    "a coordinate that is not there": M.expm1(u) + OUTSIDE,
    "a logarithm of what is negative": M.log1pmx(-a - 1),
    "a logarithm of 0": M.log1p(Number(-1)),
    "a gamma function at a pole": M.lgamma1p_remainder(Number(-1)),
    "a first argument that is 0": M.itakura_saito(NOTHING, a),
    "a second argument that is 0": M.itakura_saito(a, NOTHING),
    "an argument that may be negative": M.log_ratio(u, a),
    "a second argument that may be negative": M.gamma_shape_remainder(a, u),
    "an argument without a meaning": M.expm1(log(u)),
    "an argument of an abbreviation without one": M.expm1(M.log1p(u)),
    "one that is not negative in place of a positive one": M.log_ratio(M.expm1mx(u), a),
    "a coordinate that may be negative": Sum(M.trigamma_excess(mu[i]), i, n),
    "a law with such a parameter": expectation(ONE, Term("Law", "exponential", inverse(u))),
    "a derivative of such": Diff(M.log1p(u), u),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_kernel_proves(case):
    before, after = ACCEPTED[case]
    prove_step(Step("remainder", before, after))


@pytest.mark.parametrize("case", NOT_EQUAL)
def test_the_kernel_does_not_prove(case):
    before, after = NOT_EQUAL[case]
    with pytest.raises(ProofError, match="not equal"):
        prove_step(Step("remainder", before, after))


@pytest.mark.parametrize("rule", ["remainder", "algebra", "collect", "differentiate", "linearity"])
@pytest.mark.parametrize("case", WITHOUT_MEANING)
def test_nothing_is_proved_of_what_has_no_meaning(case, rule):
    """Not even what would follow whatever it stood for."""
    term = WITHOUT_MEANING[case]
    with pytest.raises(ProofError, match=r"no meaning|cannot show|is outside of an integral"):
        prove_step(Step(rule, term + u, u + term))
    assert not has_value(term)


def test_a_forged_one_is_refused():
    true = M.itakura_saito(a, b)
    for fields in ({"free": frozenset()}, {"args": (a,)}, {"args": (a, b, a)}, {"args": [a, b]}):
        fake = forged(Term, **{"head": "itakura_saito", "args": true.args, "free": true.free, **fields})
        with pytest.raises(ProofError):
            prove_step(Step("remainder", forged(Term, head="Add", args=(fake, u), free=frozenset({a, b, u})), u))
    for wrong in (Term("itakura_saito", a), Term("itakura_saito", a, b, a), Term("expm1", P), Term("expm1", "two")):
        with pytest.raises(ProofError, match=r"itakura_saito|expm1"):
            prove_step(Step("remainder", wrong + u, u))


@pytest.mark.parametrize("name", ["expm1", "expm1mx", "difference_of_products", "triple_product_difference"])
def test_what_is_nested_is_read_once(name):
    """By the budget: each one was read again for every one around it."""
    others = (u,) * (find_function(name).arity - 1)
    deep = nested(lambda t: Term(name, t, *others), u, 60)
    prove_step(Step("algebra", deep + u, u + deep), budget=20_000)


def test_what_is_nested_is_written_out():
    prove_step(Step("remainder", nested(M.expm1, u, 60), nested(lambda t: exp(t) - 1, u, 60)), budget=20_000)


def test_many_are_counted():
    many = sum((M.gamma_shape_remainder(a + k, b) for k in range(1, 100)), u)
    with pytest.raises(ProofError, match="too large"):
        prove_step(Step("algebra", many, u), budget=10_000)


# What restates another quantity.

GAMMAS = Question("stable_form", "gamma", "gamma")
SLOPES = Question("stable_gradient", "gamma", "gamma")
RATES = Question("stable_form", "exponential", "exponential")


def with_end(derivation, end):
    *steps, last = derivation.steps
    return Derivation(derivation.question, (*steps, Step(last.rule, last.before, end)), derivation.lemmas)


def test_a_stable_form_does_not_prove_what_it_leans_on():
    derivation = derive(GAMMAS)
    with pytest.raises(ProofError, match="two derivations are called"):
        prove(Derivation(Question("kl", "gamma", "gamma"), derivation.steps, derivation.lemmas))


@pytest.mark.parametrize(
    "question",
    [
        Question("stable_form", "gamma", "gamma", unit="bits"),
        Question("stable_form", "gamma", "gamma", "scale", "scale"),
        Question("stable_form", "gamma", "gamma", where=("alpha_1 = alpha_2",)),
        Question("stable_form", "gamma", "exponential"),
        SLOPES,
    ],
    ids=lambda question: question.name,
)
def test_a_stable_form_is_none_for_another_question(question):
    derivation = derive(GAMMAS)
    with pytest.raises(ProofError, match="does not start from the statement"):
        prove(Derivation(question, derivation.steps, derivation.lemmas))


def test_derivatives_keep_their_order():
    derivation = derive(SLOPES)
    right = derivation.statement.right.args
    for p in range(4):
        for q in range(p):
            entries = list(right)
            entries[p], entries[q] = entries[q], entries[p]
            with pytest.raises(ProofError, match="not equal"):
                prove(with_end(derivation, Term("Vector", *entries)))
    for end in (Term("Vector", *right[:-1]), Term("Vector", *right, 0), right[0]):
        with pytest.raises(ProofError, match="not equal"):
            prove(with_end(derivation, end))


def test_a_stable_form_is_cited_for_what_it_is():
    rate_1, rate_2 = laws(RATES).parameters
    asymmetry = Question("asymmetry", "exponential", "exponential")
    lemma = derive(RATES)
    cites = (Citation(RATES.name), Citation(RATES.name, ((rate_1, rate_2), (rate_2, rate_1))))
    right = M.itakura_saito(rate_2, rate_1) - M.itakura_saito(rate_1, rate_2)
    start = left_side(asymmetry)
    proof = prove(Derivation(asymmetry, (Step("theorem", start, right, cites),), (lemma,)))
    assert RATES.name in proof.lemmas
    for wrong in (-right, 2 * right, right + M.itakura_saito(rate_1, rate_2)):
        with pytest.raises(ProofError, match="not equal"):
            prove(Derivation(asymmetry, (Step("theorem", start, wrong, cites),), (lemma,)))


def test_values_are_put_into_a_stable_form_but_no_others_than_it_is_proved_for():
    proof = prove(derive(RATES))
    rate_1, rate_2 = laws(RATES).parameters
    assert specialise(proof, ((rate_1, TWO),)).statement.right is M.itakura_saito(rate_2, 2)
    for value in (Number(0), Number(-1), -rate_2):
        with pytest.raises(ProofError):
            specialise(proof, ((rate_1, value),))
    slopes = prove(derive(SLOPES))
    for parameter in laws(SLOPES).parameters:
        with pytest.raises(ProofError, match="would change the derivative"):
            specialise(slopes, ((parameter, TWO),))


@pytest.mark.parametrize("question", [GAMMAS, SLOPES], ids=lambda question: question.name)
def test_a_proof_file_of_a_stable_form_is_replayed(question):
    derivation = derive(question)
    assert replay(to_json(derivation)).statement == derivation.statement
