"""The two laws of an audit: what each of their parameters is, a number or one that the function is called with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from kl_symbolic import terms
from kl_symbolic.audit.exact import INTERVALS, Interval, iv
from kl_symbolic.engine import simplified
from kl_symbolic.families import Member, Parameter
from kl_symbolic.numbers import Namespace, Value
from kl_symbolic.terms import Number

Entry: TypeAlias = str | Fraction  # the name of a free parameter, or a number


@dataclass(frozen=True)
class Side:
    """One of the two laws: what it is, its parameterisation, and what each of its parameters is in that."""

    member: Member
    param: str
    entries: tuple[Entry, ...]

    @property
    def records(self) -> tuple[Parameter, ...]:
        """The family's record of each parameter in this parameterisation."""
        return self.member.family.parameters_in(self.param)

    @property
    def free(self) -> dict[str, Parameter]:
        """The free parameters by name, with the family's records of them."""
        return {e: record for e, record in zip(self.entries, self.records, strict=True) if isinstance(e, str)}


def named_member(member: Member, param: str) -> Side:
    """Return a named member, in a parameterisation if its parameters are 0 or 1 there, or in the default one.

    Examples
    --------
    >>> from kl_symbolic.families import find
    >>> [str(entry) for entry in named_member(find("standard_normal"), "logvar").entries]
    ['0', '0']
    """
    assert member.fixed is not None
    family = member.family
    if param in family.param_names:
        records = family.parameters_in(param)
        for code in range(2 ** len(records)):
            values = tuple(code >> k & 1 for k in range(len(records)))
            if not all(r.domain.has(Fraction(v)) for v, r in zip(values, records, strict=True)):
                continue
            default = _to_default(member, param, list(map(Number, values)), terms.Namespace())
            if [simplified(one) for one in default] == list(map(Number, member.fixed)):
                return Side(member, param, tuple(map(Fraction, values)))
    return Side(member, family.default, tuple(map(Fraction, member.fixed)))


def _to_default(member: Member, param: str, values: Sequence[Value], namespace: object) -> list[Value]:
    """Return parameters in the default parameterisation of their family, as what a namespace computes with."""
    family = member.family
    if param == family.default:
        return list(values)
    return list(family.parameterisations[param].to_default(namespace, *values))


@dataclass(frozen=True)
class Sides:
    """P and Q, and what can be said of the two together."""

    p: Side
    q: Side
    names: tuple[str, ...]  # of the free parameters that the function takes

    @property
    def records(self) -> dict[str, Parameter]:
        """The family's record of each free parameter."""
        known = {**self.q.free, **self.p.free}
        return {name: known[name] for name in self.names}

    @property
    def free(self) -> list[list[str]]:
        """The names of the free parameters of each law that has some."""
        found = [[name for name in side.free if name in self.names] for side in (self.p, self.q)]
        return [names for names in found if names]

    @property
    def numbers(self) -> set[Fraction]:
        """The numbers that parameters have."""
        return {entry for side in (self.p, self.q) for entry in side.entries if isinstance(entry, Fraction)}

    def number_for(self, name: str) -> Fraction | None:
        """Return the number that one law has where the other has a free parameter."""
        for _, *both in self.pairs if self.same_family and self.p.param == self.q.param else ():
            number = next((entry for entry in both if isinstance(entry, Fraction)), None)
            if name in both and number is not None:
                return number
        return None

    @property
    def same_family(self) -> bool:
        """Whether both laws are of one family."""
        return self.p.member.family is self.q.member.family

    @property
    def pairs(self) -> list[tuple[Parameter, Entry, Entry]]:
        """What each parameter is in P and in Q, of two laws of one family."""
        return list(zip(self.p.records, self.p.entries, self.q.entries, strict=True))

    def never_near(self, dtype: str) -> str | None:
        """Say why P is never nearly Q, or cannot be with numbers of a dtype; None if it can."""
        if not self.same_family:
            return "the laws are of two families: they are never nearly equal"
        if self.p.param != self.q.param:
            return "laws that are nearly equal were not tried: the two are given in different parameters"
        for record, a, b in self.pairs:
            if isinstance(a, Fraction) and isinstance(b, Fraction) and a != b:
                return f"the laws are never nearly equal: {record.name} is {a} in P and {b} in Q"
        for record, a, b in self.pairs:
            number = a if isinstance(a, Fraction) else b
            if a != b and isinstance(number, Fraction) and not held(number, dtype):
                return (
                    f"laws that are nearly equal were not tried: {record.name} = {number} is no number in {dtype}, "
                    "and near it the rounding decides"
                )
        return None

    def equal(self, values: Mapping[str, Interval]) -> bool:
        """Whether the two laws are the same, so that the divergence is exactly 0."""
        if not self.same_family:
            return False
        p, q = (
            [values.get(e) if isinstance(e, str) else iv.mpf(e.numerator) / e.denominator for e in side.entries]
            for side in (self.p, self.q)
        )
        if self.p.param != self.q.param:
            m = Namespace(INTERVALS)
            p, q = (_to_default(side.member, side.param, v, m) for side, v in ((self.p, p), (self.q, q)))
        same = [a == b for a, b in zip(self.p.entries, self.q.entries, strict=True)]
        return all(known or bool(a == b) for known, a, b in zip(same, p, q, strict=True))


def held(number: Fraction, dtype: str) -> bool:
    """Return whether a dtype has a number exactly.

    >>> held(Fraction(3), "float64"), held(Fraction(1, 10), "float64")
    (True, False)
    """
    with np.errstate(over="ignore"):
        found = np.dtype(dtype).type(float(number))
    return bool(np.isfinite(found)) and Fraction(float(found)) == number
