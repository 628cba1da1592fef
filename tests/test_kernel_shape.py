"""Whatever is no derivation of the language, node by node, is refused with our own error before it is read."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import chain

import pytest
import sympy
from kernel_steps import (
    ENTROPY,
    KL_EXPONENTIAL,
    ONE,
    TWO,
    P,
    a,
    by_hand,
    cited,
    exp,
    forged,
    i,
    log,
    mu,
    n,
    pi,
    sqrt,
    u,
    x,
)

from kl_symbolic.engine import derive
from kl_symbolic.errors import ProofError
from kl_symbolic.functions import Domain, all_functions
from kl_symbolic.kernel import RULES, has_value, prove, prove_step
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import definition
from kl_symbolic.terms import (
    KL,
    Diff,
    Entropy,
    Integral,
    Law,
    Number,
    ProductLaw,
    Sum,
    Symbol,
    Term,
    Text,
    Vector,
    grammar,
)
from kl_symbolic.terms.grammar import HEADS, REAL, Head

EVERY_HEAD = HEADS | {name: Head((REAL,) * function.arity) for name, function in all_functions().items()}
# One of each kind that an argument can have.
THINGS = [a, u, i, n, x, TWO, pi, Text("normal"), mu, mu[i], P, ProductLaw(P, i, n), Vector(a)]


class Sneaky(Term):
    """A term that is another one when it is asked again."""

    __slots__ = ()


class HalfOrTwo(Fraction):
    """A number that is another one when it is asked again."""

    @property
    def numerator(self):
        return 1


class LogOrExp(str):
    """A head that is equal to every other."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, _):
        return True


FORBIDDEN = [Text("normal"), P, Vector(a, u), True, (a,), 2, "a", None, forged(Sneaky, head="log", args=(a,))]


def made(head, *args):
    """Return a term whose arguments may be anything."""
    return Term(head, *args) if all(hasattr(arg, "free") for arg in args) else forged(Term, head=head, args=args)


def wrong_numbers(head):
    """Yield tuples of arguments of every length that the head does not take."""
    kinds, more = EVERY_HEAD[head]
    for count in range(len(kinds) + 4):
        if count < len(kinds) or (count > len(kinds) and more is None):
            yield [
                next(t for t in THINGS if k.accepts(t))
                for k in ((*kinds, *kinds, *kinds, *kinds) or (REAL,) * 4)[:count]
            ]
            yield [TWO] * count


def refused(expr):
    for before, after in ((expr, a), (a, expr), (a + 1, made("Add", ONE, made("Mul", a, expr)))):
        for rule in RULES:
            with pytest.raises(ProofError):
                prove_step(Step(rule, before, after))
    start = by_hand()
    for tail in (Step("collect", start.statement.right, expr), Step("theorem", a, u, (cited(ENTROPY, expr),))):
        with pytest.raises(ProofError):
            prove(replace(start, steps=(*start.steps, tail), lemmas=(derive(ENTROPY),)))
    assert not has_value(expr)


@pytest.mark.parametrize("head", EVERY_HEAD)
def test_every_wrong_number_of_arguments_of_every_head_is_refused(head):
    cases = list(wrong_numbers(head))
    assert cases
    for args in cases:
        refused(made(head, *args))


@pytest.mark.parametrize("head", [head for head in EVERY_HEAD if any(EVERY_HEAD[head])])
def test_every_wrong_kind_of_argument_of_every_head_is_refused(head):
    kinds, more = EVERY_HEAD[head]
    for place, kind in enumerate(kinds + ((more,) if more else ())):
        right = [next(t for t in THINGS if k.accepts(t)) for k in kinds + ((more,) if more else ())]
        for thing in chain(THINGS, FORBIDDEN):
            if not (isinstance(thing, Term) and type(thing) is not Sneaky and kind.accepts(thing)):
                refused(made(head, *right[:place], thing, *right[place + 1 :]))


@pytest.mark.parametrize(
    "expr",
    [
        log(a, TWO),
        exp(a, TWO),
        sqrt(a, TWO),
        KL(a, u),
        Entropy(Symbol("normal")),
        KL(Law("normal", u), Law("normal", u)),
        Law("no such family", u),
        Integral(a, x, "nowhere", ONE),
        Diff(a, a + 1),
        Sum(a, i, 0),
        Term("f", a),
        Term("Log", a),
        Term("Number", 2),
        Term("Symbol"),
        Term("oo"),
        Term("pow", a, Vector(a)),
        Term("pi", a),
    ],
    ids=lambda e: e.head,
)
def test_what_is_no_node_of_the_language_is_refused(expr):
    refused(expr)


# What was made past the constructors, or changed after it was made.

FORGED = {
    "a logarithm of another class": forged(Sneaky, head="log", args=(a,)),
    "a symbol of another class": forged(type("Mine", (Symbol,), {}), head="Symbol", name="a", domain=Domain.POSITIVE),
    "a second symbol of one name": forged(Symbol, name="a", domain=Domain.POSITIVE),
    "a symbol without a name": forged(Symbol, domain=Domain.POSITIVE),
    "a symbol without a domain": forged(Symbol, name="a"),
    "a symbol of no domain": forged(Symbol, name="a", domain="complex"),
    "a symbol whose domain says what one likes": forged(Symbol, name="a", domain=type("Any", (), {"positive": True})()),
    "a second number": forged(Number, value=Fraction(2)),
    "a number that is none": forged(Number, value=float("nan")),
    "a number with a point": forged(Number, value=0.5),
    "a number of Python": forged(Number, value=2),
    "a number of a class of its own": forged(Number, value=HalfOrTwo(2)),
    "a number without a value": forged(Number),
    "a number that says that it is a sum": forged(Number, head="Add", args=(a, a), value=Fraction(2)),
    "a second logarithm": forged(Term, head="log", args=(a,), free=a.free),
    "a logarithm of a list": forged(Term, head="log", args=[a]),
    "a logarithm of everything": forged(Term, head="log", args=iter(lambda: a, None)),
    "a logarithm of itself": forged(Term, head="log"),
    "a head of a class of its own": forged(Term, head=LogOrExp("log"), args=(a,), free=a.free),
    "a head that is no text": forged(Term, head=("log",), args=(a,), free=a.free),
    "nothing at all": object.__new__(Term),
    "an expression of SymPy": sympy.log(sympy.Symbol("a", positive=True)),
    "a sum that hides its symbols": forged(Term, head="Add", args=(a, u)),
    "a sum that says that it has none": forged(Term, head="Add", args=(a, u), free=a.free),
}
object.__setattr__(FORGED["a logarithm of itself"], "args", (FORGED["a logarithm of itself"],))


@pytest.mark.parametrize("name", FORGED)
def test_what_no_constructor_made_is_refused(name):
    refused(FORGED[name])


def changed(term, **fields):
    """Change an attribute of a term as no honest program would, and return how to change it back."""
    before = {name: getattr(term, name) for name in fields}
    for name, value in fields.items():
        object.__setattr__(term, name, value)
    return lambda: changed(term, **before)


@pytest.mark.parametrize(
    ("term", "fields"),
    [
        (log(a + 77), {"args": (a,)}),
        (log(a + 77), {"head": "exp"}),
        (log(a + 77), {"free": frozenset()}),
        (Number(77), {"value": Fraction(78)}),
        (Number(77), {"value": HalfOrTwo(77)}),
        (Symbol("changed", Domain.POSITIVE), {"name": "a"}),
        (Symbol("changed"), {"domain": Domain.POSITIVE}),
        (Symbol("changed", Domain.POSITIVE), {"free": frozenset()}),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, dict) else str(given),
)
def test_a_term_that_was_changed_after_it_was_made_is_refused(term, fields):
    back = changed(term, **fields)
    try:
        refused(term)
    finally:
        back()


def test_heads_and_names_are_plain_strings_whatever_they_are_made_of():
    assert type(Term(LogOrExp("exp"), a + 78).head) is str
    assert Term(LogOrExp("exp"), a + 79) is exp(a + 79)
    assert Symbol(LogOrExp("plain")) is Symbol("plain")
    assert Text(LogOrExp("plain")) is Text("plain")
    with pytest.raises(TypeError, match="not a domain"):
        Symbol("w", "real")


def test_without_the_look_at_how_terms_were_made_a_captured_variable_goes_unseen(monkeypatch):
    hidden = forged(Term, head="KL", args=(Law("exponential", exp(x)), Law("exponential", ONE)))
    step = Step("definition", hidden, definition(hidden))
    with pytest.raises(ProofError, match="constructor"):
        prove_step(step)
    monkeypatch.setattr(grammar, "is_as_made", lambda _: True)
    prove_step(step)


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
    "a node that holds a list": replace(RIGHT, steps=(replace(STEP, after=made("log", [a])),)),
    "a rule that is nothing": replace(RIGHT, steps=(replace(STEP, rule=None),)),
    "a rule that has no hash": replace(RIGHT, steps=(replace(STEP, rule=[]),)),
    "citations that are a text": replace(RIGHT, steps=(replace(STEP, rule="theorem", cites="kl"),)),
    "a substitution that is no pair": replace(
        RIGHT, steps=(replace(STEP, rule="theorem", cites=(Citation(ENTROPY.name, ((a,),)),)),)
    ),
    "a question that is a text": replace(RIGHT, question="kl"),
    "a law that is a number": replace(RIGHT, question=Question("kl", 3, "normal")),
    "a law that nobody knows": replace(RIGHT, question=Question("kl", "nobody", "normal")),
    "a dimension that is true": replace(RIGHT, question=replace(KL_EXPONENTIAL, dim=True)),
    "a lemma that is a question": replace(RIGHT, lemmas=(ENTROPY,)),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_derivation_is_refused(name):
    with pytest.raises(ProofError):
        prove(MALFORMED[name])


def test_lemmas_nested_without_end_are_refused():
    deep = by_hand()
    for count in range(1_500):
        deep = Derivation(Question("entropy", f"law{count}"), deep.steps, (deep,))
    with pytest.raises(ProofError):
        prove(deep)


def test_an_expression_nested_without_end_is_refused():
    deep = a
    for _ in range(5_000):
        deep = exp(deep)
    refused_deep = Step("collect", a, deep)
    with pytest.raises(ProofError):
        prove_step(refused_deep)


@pytest.mark.parametrize("rule", ["algebra", "collect"])
def test_a_true_step_has_its_shape_accepted(rule):
    prove_step(Step(rule, log(a) + a * (a + 1), a**2 + a + log(a)))
