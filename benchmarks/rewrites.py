"""Random formulas that are equal to a given one, and random mutants that hardly ever are.

Terms become expressions of SymPy, and these terms again. Their logarithms and exponentials are inert, so that a law is
applied only where it is written down here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

import sympy
from sympy import Add, Basic, Expr, Indexed, Integer, Mul, Pow, Rational, Symbol, preorder_traversal

from kl_symbolic import terms
from kl_symbolic.terms import Term
from kl_symbolic.terms.sympy import Inert, head, inert, read

Log, Exp, Sqrt, Sum = map(head, ("log", "exp", "sqrt", "Sum"))
DIMENSION = inert(terms.DIMENSION)
MOST_LAWS = 4
LARGEST = 150  # nodes of a rewrite; beyond, no formula that people write

Law = Callable[[Expr, Random], Expr]


def rewritten(term: Term, random: Random) -> Term:
    """Apply a few laws, each at a random place where it fits."""
    expr: Expr = inert(term, evaluate=True)
    parameters = _parameters_in(expr)
    for _ in range(random.randint(1, MOST_LAWS)):
        law = random.choice(LAWS)
        changed = _changed(expr, parameters, random) if law is None else law(expr, random)
        if sum(1 for _ in preorder_traversal(changed)) <= LARGEST:
            expr = changed
    return read(expr)


def mutant(term: Term, random: Random) -> Term:
    """Change one place, so that a formula of real numbers remains."""
    expr: Expr = inert(term)
    parameters = _parameters_in(expr)
    while (changed := _mutant(expr, parameters, random)).has(sympy.I, sympy.zoo, sympy.nan, sympy.oo):
        pass
    return read(changed)


def _mutant(expr: Expr, parameters: Sequence[Expr], random: Random) -> Expr:
    path, node = random.choice(list(_places(expr)))
    others = [p for p in parameters if p != node and p.is_positive == node.is_positive]
    changes: list[Expr] = [-node, 2 * node, node / 2, node + 1, node**2, node - Rational(1, 10**30)]
    if isinstance(node, Symbol | Indexed) and others:
        changes += 3 * [random.choice(others)]
    if isinstance(node, Rational):
        changes += [node + 1, -node, node / 3]
    if isinstance(node, Pow) and isinstance(node.exp, Rational):
        changes += [Pow(node.base, node.exp + random.choice((-1, 1))), Pow(node.base, -node.exp)]
    if isinstance(node, Add | Mul):
        changes += 3 * [node.func(*random.sample(node.args, len(node.args) - 1))]
    if isinstance(node, Mul) and any(isinstance(factor, Sum) for factor in node.args):
        changes += 3 * [node / DIMENSION]  # the mean over the coordinates
    if isinstance(node, Log | Exp | Sqrt):
        changes += [node.args[0], random.choice((Log, Exp, Sqrt))(node.args[0])]
    return _put(expr, path, random.choice(changes))


def _parameters_in(expr: Expr) -> list[Expr]:
    """Return the parameters in an expression, each of their coordinates by itself."""
    return sorted({node for _, node in _places(expr) if isinstance(node, Symbol | Indexed)}, key=str)


def _places(expr: Expr, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Expr]]:
    """Yield the nodes that a mistake may change and the way to each; a name with its index is one."""
    if not (isinstance(expr, Sum) or (isinstance(expr, Symbol) and expr.is_integer)):
        yield path, expr
    within = () if isinstance(expr, Indexed) else expr.args[:1] if isinstance(expr, Sum) else expr.args
    for k, part in enumerate(within):
        yield from _places(part, (*path, k))


def _put(expr: Expr, path: tuple[int, ...], new: Expr) -> Expr:
    """Return the expression with another one at the end of the way."""
    if not path:
        return new
    k, *rest = path
    return expr.func(*expr.args[:k], _put(expr.args[k], tuple(rest), new), *expr.args[k + 1 :])


def _replaced(expr: Expr, old: Basic, new: Basic) -> Expr:
    return new if expr == old else expr.xreplace({old: new})


def _changed(expr: Expr, parameters: Sequence[Expr], random: Random) -> Expr:
    """Write a parameter in another way."""
    present = [s for s in parameters if expr.has(s)]
    if not present:
        return expr
    s = random.choice(present)
    return expr.xreplace({s: random.choice([Exp(Log(s)), Sqrt(s) ** 2]) if s.is_positive else Log(Exp(s))})


def _inside(law: Callable[[Expr], Expr]) -> Law:
    """Let a law act on the terms of a sum over coordinates too."""

    def act(expr: Expr, random: Random) -> Expr:
        if isinstance(expr, Sum):
            return Sum(act(expr.args[0], random), *expr.args[1:])
        if isinstance(expr, Mul) and any(isinstance(factor, Sum) for factor in expr.args):
            return Mul(*(act(factor, random) if isinstance(factor, Sum) else factor for factor in expr.args))
        return expr if expr.has(Sum) else law(expr)

    return act


def _at_random(kind: type[Basic], law: Callable[[Expr, Random], Expr]) -> Law:
    """Let a law act on a random node of a kind."""

    def act(expr: Expr, random: Random) -> Expr:
        nodes = sorted(expr.atoms(kind), key=str)
        if not nodes:
            return expr
        node = random.choice(nodes)
        return _replaced(expr, node, law(node, random))

    return act


def _split(log: Expr, _: Random) -> Expr:
    """Use Log(a^m b^n) = m Log(a) + n Log(b)."""
    parts = [factor.as_base_exp() for factor in Mul.make_args(log.args[0])]
    if not all(base.is_positive and exponent.is_Rational for base, exponent in parts):
        return log
    return Add(*(exponent * Log(base) for base, exponent in parts))


def _merged(expr: Expr) -> Expr:
    """Use m Log(a) + n Log(b) = Log(a^m b^n)."""
    logs, rest = [], []
    for term in Add.make_args(expr):
        coefficient, factor = term.as_coeff_Mul()
        if isinstance(factor, Log) and coefficient.is_Rational:
            logs.append(factor.args[0] ** coefficient)
        else:
            rest.append(term)
    return Add(*rest, Log(Mul(*logs))) if logs else expr


def _over_one_denominator(expr: Expr) -> Expr:
    return sympy.together(expr)


def _times_one(expr: Expr, random: Random) -> Expr:
    """Multiply out what stands over a denominator of its own."""
    positive = sorted((s for s in expr.atoms(Symbol, Indexed) if s.is_positive and not s.is_integer), key=str)
    if not positive or expr.has(Sum):
        return expr
    factor = random.choice(positive) + random.randint(1, 3)
    return sympy.expand(expr * factor) / factor


def _power_in_log(log: Expr, random: Random) -> Expr:
    """Use Log(a) = Log(a^n)/n."""
    n = random.choice((2, 3, Rational(1, 2)))
    return Log(Pow(log.args[0], n)) / n if log.args[0].is_positive else log


def _factored(expr: Expr) -> Expr:
    """Write the rational terms as a product."""
    terms = [t for t in Add.make_args(expr) if not t.has(Inert)]
    return Add(*(t for t in Add.make_args(expr) if t.has(Inert)), sympy.factor(Add(*terms))) if terms else expr


def _turned(power: Expr, _: Random) -> Expr:
    """Use (a - b)^2 = (b - a)^2."""
    even = isinstance(power.exp, Integer) and power.exp % 2 == 0
    return Pow(Mul(Integer(-1), power.base, evaluate=False), power.exp, evaluate=False) if even else power


LAWS: list[Law | None] = [
    None,  # a parameter written in another way
    _inside(sympy.expand),
    _inside(_over_one_denominator),
    _inside(_merged),
    _inside(_factored),
    _times_one,
    _at_random(Log, _split),
    _at_random(Log, _power_in_log),
    _at_random(Pow, _turned),
]
