"""What a function may compute instead: candidates, with their own values from proved closed forms by substitution.

They are compared by numbers at laws that are far apart; agreement is evidence for a meaning, and never a proof of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from sympy import Add, Pow, expand_mul

from kl_symbolic.api import derive, prove
from kl_symbolic.audit.exact import Interval, Number, Program, compiled, iv, mp
from kl_symbolic.audit.target import Columns, Side, Target, Values, evaluated, to_default
from kl_symbolic.errors import NoClosedFormError, RequestError
from kl_symbolic.families import Domain
from kl_symbolic.proof.language import ordinary
from kl_symbolic.proof.statement import laws

Reader = Callable[[Sequence[Interval]], Sequence[Interval]]
MOST_PERMUTED = 5
FACTORS: tuple[tuple[Callable[[], Number], str], ...] = (
    (lambda: mp.mpf(2), "twice"),
    (lambda: mp.mpf(1) / 2, "half of"),
    (lambda: -mp.mpf(1), "the negative of"),
    (lambda: -mp.mpf(1) / 2, "minus half of"),
    (lambda: -mp.mpf(2), "minus twice"),
    (lambda: 1 / mp.log(2), "in bits"),
    (lambda: mp.log(2), "log 2 times"),
)


@dataclass(frozen=True)
class Meaning:
    """Something that a function may compute, and its value at each coordinate of each sample."""

    words: str
    values: Values


def candidates(target: Target, columns: Columns, order: Sequence[str]) -> Iterator[Meaning]:
    """Yield what a function may compute instead of the divergence, simple mistakes first."""
    truth = target.values(columns)
    basic = [Meaning("the divergence", truth)]
    yield from _scaled(basic)
    others = [*_other_quantities(target, columns, truth), *_misread(target, columns)]
    yield from others
    yield from _terms(target, columns, truth)
    permuted = list(_permuted(target, columns, order))
    yield from permuted
    yield from _scaled([*others, *permuted])


def _scaled(meanings: Sequence[Meaning]) -> Iterator[Meaning]:
    for (factor, words), meaning in itertools.product(FACTORS, meanings):
        text = f"{meaning.words}, in bits" if words == "in bits" else f"{words} {meaning.words}"
        yield Meaning(text, _each(meaning.values, lambda v, factor=factor: v * factor()))


def _each(values: Values, function: Callable[..., Number], *others: Values) -> Values:
    found = np.empty(values.shape, dtype=object)
    for index in np.ndindex(values.shape):
        numbers = [a[index] for a in (values, *others)]
        found[index] = None if any(v is None for v in numbers) else function(*numbers)
    return found


@cache
def _default_program(p: str, q: str, quantity: Any = "kl") -> tuple[Program, tuple[str, ...]] | None:
    """Return a proved closed form in the default parameterisations and the names of its parameters."""
    try:
        derivation = derive(p, q, quantity=quantity)
    except (NoClosedFormError, RequestError):
        return None
    prove(derivation)
    return compiled(derivation.statement.right), tuple(map(str, laws(derivation.claim).parameters))


def _substituted(
    first: str, second: str, arguments: Callable[[Mapping[str, Interval]], Sequence[Interval]], quantity: str = "kl"
) -> Program | None:
    found = _default_program(first, second, quantity)
    if found is None:
        return None
    program, names = found
    return lambda values: program(dict(zip(names, arguments(values), strict=True)))


def _other_quantities(target: Target, columns: Columns, truth: Values) -> Iterator[Meaning]:
    p, q = target.p, target.q
    of_p, of_q = p.member.family.name, q.member.family.name
    reverse = _substituted(of_q, of_p, lambda v: [*q.default(v), *p.default(v)])
    if reverse is not None:
        reversed_values = evaluated(reverse, columns, target.zero)
        yield Meaning("the reverse divergence, KL(Q || P)", reversed_values)
        yield Meaning(
            "Jeffreys' divergence, KL(P || Q) + KL(Q || P)", _each(truth, lambda a, b: a + b, reversed_values)
        )
    cross = _substituted(of_p, of_q, lambda v: [*p.default(v), *q.default(v)], "cross_entropy")
    if cross is not None:
        crossed = evaluated(cross, columns)
        yield Meaning("the cross-entropy H(P, Q)", crossed)
        yield Meaning("the entropy of P", _each(crossed, lambda a, b: a - b, truth))


def _readings(side: Side) -> Iterator[tuple[str, Reader]]:
    """Yield ways to misread the parameters of a law, each giving the parameters in the default parameterisation."""
    if side.fixed is not None:
        return
    family, here = side.member.family, side.records
    for param in family.param_names:
        if param != side.param:
            there = family.parameters_in(param)
            pairs = [f"{a.meaning} is taken for the {b.meaning}" for a, b in zip(here, there, strict=True) if a != b]
            yield "the " + " and the ".join(pairs), partial(to_default, side.member, param)
    for k, record in enumerate(here):
        the = f"the {record.meaning} is taken for"
        if record.logarithm:
            yield f"{the} the logarithm of its root", partial(_changed, side, k, lambda v: 2 * v)
        elif record.domain is Domain.POSITIVE:
            scale = ", the scale" if record.meaning == "rate" else ""
            yield f"{the} its reciprocal{scale}", partial(_changed, side, k, lambda v: 1 / v)
            yield f"{the} its logarithm", partial(_changed, side, k, iv.exp)


def _changed(
    side: Side, k: int, change: Callable[[Interval], Interval], values: Sequence[Interval]
) -> Sequence[Interval]:
    """Return the parameters of a law in the default parameterisation, with one of them changed before."""
    return to_default(side.member, side.param, [*values[:k], change(values[k]), *values[k + 1 :]])


def _misread(target: Target, columns: Columns) -> Iterator[Meaning]:
    p, q = target.p, target.q

    right: list[tuple[str, Reader]] = [("", partial(to_default, side.member, side.param)) for side in (p, q)]
    both = [(a, b) for a in [right[0], *_readings(p)] for b in [right[1], *_readings(q)]]
    # The same mistake for both laws first: it is the likelier one.
    both.sort(key=lambda pair: (pair[0][0] != pair[1][0], bool(pair[0][0]) + bool(pair[1][0])))
    for (words_p, read_p), (words_q, read_q) in both:
        if not words_p and not words_q:
            continue

        def arguments(
            values: Mapping[str, Interval], read_p: Reader = read_p, read_q: Reader = read_q
        ) -> list[Interval]:
            first = p.default(values) if p.fixed is not None else read_p([values[n] for n in p.names])
            second = q.default(values) if q.fixed is not None else read_q([values[n] for n in q.names])
            return [*first, *second]

        program = _substituted(p.member.family.name, q.member.family.name, arguments)
        if program is None:
            return
        if words_p == words_q:
            words = f"{words_p} in both laws"
        else:
            several = p.fixed is None and q.fixed is None
            words = " and ".join(
                text + (f" in {law}" if several else "") for text, law in ((words_p, "P"), (words_q, "Q")) if text
            )
        yield Meaning(f"the divergence where {words}", evaluated(program, columns))


def _permuted(target: Target, columns: Columns, order: Sequence[str]) -> Iterator[Meaning]:
    """Yield the divergence for arguments in another order than that which was given."""
    if not 1 < len(order) <= MOST_PERMUTED:
        return
    for other in itertools.permutations(order):
        if other == tuple(order):
            continue
        moved = {name: columns[given] for name, given in zip(other, order, strict=True)}
        values = evaluated(target.program, {n: moved[n] for n in target.names}, target.zero)
        yield Meaning(f"the divergence for arguments in the order {', '.join(other)}", values)


def _terms(target: Target, columns: Columns, truth: Values) -> Iterator[Meaning]:
    """Yield the closed form with one of its terms missing, or of the wrong sign or size."""
    for term in Add.make_args(expand_mul(target.coordinate.statement.right)):
        words = str(ordinary(term))
        values = evaluated(compiled(term), columns)
        for factor, mistake in ((-1, "without its term"), (-2, "with the wrong sign of its term")):
            yield Meaning(f"the closed form {mistake} {words}", _each(truth, lambda t, v, f=factor: t + f * v, values))
        for factor, mistake in ((mp.mpf(-1) / 2, "with half of its term"), (mp.mpf(1), "with twice its term")):
            yield Meaning(f"the closed form {mistake} {words}", _each(truth, lambda t, v, f=factor: t + f * v, values))
        for square in sorted((a for a in term.atoms(Pow) if abs(a.exp) == 2), key=str):  # noqa: PLR2004
            root = term.xreplace({square: Pow(square.base, square.exp / 2)})
            replaced = _each(truth, lambda t, v, r: t - v + r, values, evaluated(compiled(root), columns))
            yield Meaning(f"the closed form with {ordinary(root)} in place of {words}", replaced)
