"""Whatever is no derivation of the language, node by node, is refused with our own error before it is read."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest
import sympy
from kernel_steps import ENTROPY, KL_EXPONENTIAL, ONE, TWO, P, a, by_hand, cited, i, mu, n, u, x
from sympy import Add, Basic, Expr, Integer, Mul, Pow, Symbol
from sympy.core.symbol import Str

from kl_symbolic.engine import derive
from kl_symbolic.errors import ProofError
from kl_symbolic.kernel import RULES, has_value, prove, prove_step
from kl_symbolic.proof import language as lang
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.heads import HEADS

# One of each kind that an argument can have.
THINGS: list[Basic] = [
    a,
    u,
    i,
    n,
    x,
    TWO,
    sympy.pi,
    Str("normal"),
    mu,
    mu[i],
    P,
    lang.ProductLaw(P, i, n),
    lang.Vector(a),
]
FORBIDDEN = [Str("normal"), P, lang.Vector(a, u), sympy.true, sympy.Tuple(a)]


def made(head, *args):
    """Return a node without the checks of its constructor."""
    node = Expr.__new__(head, *args) if issubclass(head, Expr) else Basic.__new__(head, *args)
    if head in (Add, Mul):
        node.is_commutative = True
    return node


def wrong_numbers(head):
    """Yield tuples of arguments of every length that the head does not take."""
    kinds, more = HEADS[head]
    for count in range(len(kinds) + 4):
        if count < len(kinds) or (count > len(kinds) and more is None):
            yield [next(t for t in THINGS if k.accepts(t)) for k in (*kinds, *kinds, *kinds, *kinds)[:count]]
            yield [TWO] * count


def refused(expr):
    for before, after in ((expr, a), (a, expr), (a + 1, made(Add, ONE, made(Mul, a, expr)))):
        for rule in RULES:
            with pytest.raises(ProofError):
                prove_step(Step(rule, before, after))
    start = by_hand()
    for tail in (Step("collect", start.statement.right, expr), Step("theorem", a, u, (cited(ENTROPY, expr),))):
        with pytest.raises(ProofError):
            prove(replace(start, steps=(*start.steps, tail), lemmas=(derive(ENTROPY),)))
    assert not has_value(expr)


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.__name__)
def test_every_wrong_number_of_arguments_of_every_head_is_refused(head):
    cases = list(wrong_numbers(head))
    assert cases
    for args in cases:
        refused(made(head, *args))


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.__name__)
def test_every_wrong_kind_of_argument_of_every_head_is_refused(head):
    kinds, more = HEADS[head]
    for place, kind in enumerate(kinds + ((more,) if more else ())):
        right = [next(t for t in THINGS if k.accepts(t)) for k in kinds + ((more,) if more else ())]
        for thing in chain(THINGS, FORBIDDEN):
            if not kind.accepts(thing):
                refused(made(head, *right[:place], thing, *right[place + 1 :]))


class Sneaky(lang.Log):
    """A logarithm with another name."""


@pytest.mark.parametrize(
    "expr",
    [
        lang.Log(a, TWO),
        lang.Exp(a, TWO),
        lang.Sqrt(a, TWO),
        lang.KL(a, u),
        lang.Entropy(Symbol("normal")),
        lang.KL(lang.Law(Str("normal"), u), lang.Law(Str("normal"), u)),
        lang.Law(Str("no such family"), u),
        lang.Integral(a, x, Str("nowhere"), ONE),
        lang.Diff(a, a + 1),
        lang.Sum(a, i, Integer(0)),
        sympy.log(a),
        sympy.Sum(a, (i, 1, 2)),
        sympy.Dummy("a", positive=True),
        sympy.I,
        sympy.oo,
        sympy.nan,
        sympy.Float(2),
        sympy.Function("f")(a),
        Sneaky(a),
        a > 0,
        Pow(a, sympy.oo, evaluate=False),
    ],
    ids=str,
)
def test_what_is_no_node_of_the_language_is_refused(expr):
    refused(expr)


RIGHT = derive(KL_EXPONENTIAL)
STEP = RIGHT.steps[0]
MALFORMED = {
    "nothing": None,
    "a text": "kl(normal, normal)",
    "no steps": replace(RIGHT, steps=()),
    "a list of steps": replace(RIGHT, steps=list(RIGHT.steps)),
    "a step that is a tuple": replace(RIGHT, steps=(("definition", a, a + 1),)),
    "a stage that is nothing": replace(RIGHT, steps=(replace(STEP, after=None),)),
    "a stage that is a number of Python": replace(RIGHT, steps=(replace(STEP, after=2),)),
    "a stage that is a law": replace(RIGHT, steps=(replace(STEP, after=P),)),
    "a node that holds a list": replace(RIGHT, steps=(replace(STEP, after=made(lang.Log, [a])),)),
    "a rule that is nothing": replace(RIGHT, steps=(replace(STEP, rule=None),)),
    "a rule that has no hash": replace(RIGHT, steps=(replace(STEP, rule=[]),)),
    "citations that are a text": replace(RIGHT, steps=(replace(STEP, rule="theorem", cites="kl"),)),
    "a substitution that is no pair": replace(
        RIGHT, steps=(replace(STEP, rule="theorem", cites=(Citation(ENTROPY.name, ((a,),)),)),)
    ),
    "a claim that is a text": replace(RIGHT, claim="kl"),
    "a law that is a number": replace(RIGHT, claim=Claim("kl", 3, "normal")),
    "a law that nobody knows": replace(RIGHT, claim=Claim("kl", "nobody", "normal")),
    "a dimension that is true": replace(RIGHT, claim=replace(KL_EXPONENTIAL, dim=True)),
    "a lemma that is a claim": replace(RIGHT, lemmas=(ENTROPY,)),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_derivation_is_refused(name):
    with pytest.raises(ProofError):
        prove(MALFORMED[name])


def test_lemmas_nested_without_end_are_refused():
    deep = by_hand()
    for count in range(1_500):
        deep = Derivation(Claim("entropy", f"law{count}"), deep.steps, (deep,))
    with pytest.raises(ProofError):
        prove(deep)


def test_an_expression_nested_without_end_is_refused():
    deep = a
    for _ in range(5_000):
        deep = made(lang.Exp, deep)
    refused_deep = Step("collect", a, deep)
    with pytest.raises(ProofError):
        prove_step(refused_deep)


@pytest.mark.parametrize("rule", ["algebra", "collect"])
def test_a_true_step_has_its_shape_accepted(rule):
    prove_step(Step(rule, lang.Log(a) + a * (a + 1), a**2 + a + lang.Log(a)))
