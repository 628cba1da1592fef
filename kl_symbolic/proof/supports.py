"""Where densities are positive, as terms, and whether one law gives probability only where another one does.

This is part of the trusted base: a divergence is finite only if P has no mass where Q has none, and infinite if it has.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.families import Family, Support, all_families
from kl_symbolic.families.family import NAMED_SUPPORTS
from kl_symbolic.functions import Domain, Formula
from kl_symbolic.terms import Array, Namespace, Number, Symbol, Term, Text, term

NO_END = Text("infinity")
VARIABLES = {
    Domain.REAL: Symbol("x", Domain.REAL),
    Domain.POSITIVE: Symbol("x", Domain.POSITIVE),
    Domain.UNIT: Symbol("x", Domain.UNIT),
    Domain.NATURAL: Symbol("k", Domain.NATURAL),
}


class Containment(Enum):
    """Whether P gives probability only to sets to which Q gives some too.

    `INSIDE` says that it does, `OUTSIDE` that it certainly does not. `DEPENDS` says that neither is known: then no
    divergence is claimed, neither a formula nor infinity.
    """

    INSIDE = "inside"
    OUTSIDE = "outside"
    DEPENDS = "depends"

    def __bool__(self) -> bool:
        """Refuse to take one of three answers for one of two."""
        raise TypeError("a containment has three values; compare it with one of them")


class Gap(NamedTuple):
    """How far an end of P's support lies within that of Q: `larger` - `smaller` must not be negative."""

    larger: Term
    smaller: Term

    @property
    def width(self) -> Term:
        """The difference."""
        return self.larger - self.smaller


class Inclusion(NamedTuple):
    """An answer, why, and which gaps have an unknown sign."""

    answer: Containment
    reason: str
    unknown: tuple[Gap, ...] = ()


def family_of(law: Term) -> Family:
    """Return the family of a scalar law or of the coordinates of a product law."""
    name = scalar(law).args[0]
    assert isinstance(name, Text)
    return all_families()[name.text]


def scalar(law: Term) -> Term:
    """Return the law of one coordinate of a product law, or a scalar law itself."""
    return law.args[0] if law.head == "ProductLaw" else law


def variable(support: Support, vector: bool = False) -> Term:
    """Return the variable of integration: x, k for counts, or an array of coordinates."""
    symbol = VARIABLES[support.domain]
    return Array(symbol) if vector else symbol


def support_of(law: Term) -> Term:
    """Return the support of a law: its name, or ``Interval(lower, upper)``, or ``Integers(lower, upper)``.

    Examples
    --------
    >>> support_of(Term("Law", "exponential", Symbol("rate", Domain.POSITIVE)))
    positive_reals
    """
    support, (_, *parameters) = family_of(law).support, scalar(law).args
    if support.name:
        return Text(support.name)
    found = [_end(formula, parameters) for formula in (support.lower, support.upper)]
    made = Term("Integers" if support.discrete else "Interval", *(NO_END if e is None else e for e in found))
    if law.head == "ProductLaw" and law.args[1].free & made.free:
        raise NoClosedFormError(f"not for product laws: the support of each {family_of(law).name} law is another one")
    return made


def _end(formula: Formula | int | None, parameters: list[Term]) -> Term | None:
    if formula is None or isinstance(formula, int):
        return None if formula is None else Number(formula)
    return term(formula(Namespace(), *parameters))


class Ends(NamedTuple):
    """The ends of a support, None where there is none, and whether it consists of whole numbers."""

    lower: Term | None
    upper: Term | None
    discrete: bool


def ends(support: Term) -> Ends:
    """Return the ends of a support.

    Examples
    --------
    >>> ends(Text("naturals"))
    Ends(lower=0, upper=None, discrete=True)
    """
    if isinstance(support, Text):
        known = NAMED_SUPPORTS[support.text]
        return Ends(_end(known.lower, []), _end(known.upper, []), known.discrete)
    lower, upper = (None if e is NO_END else e for e in support.args)
    return Ends(lower, upper, support.head == "Integers")


def is_finite(support: Term) -> bool:
    """Whether a support consists of the whole numbers from one number to another."""
    lower, upper, discrete = ends(support)
    return discrete and isinstance(lower, Number) and isinstance(upper, Number)


Decide = Callable[[Term], bool]


def inclusion(p: Term, q: Term, is_positive: Decide, is_nonnegative: Decide) -> Inclusion:
    """Say whether P gives probability only where Q gives some; P and Q are laws.

    Parameters
    ----------
    p, q
        Laws.
    is_positive, is_nonnegative
        Whether it is known that a term is. What is not known to be positive is not taken for anything else.
    """
    inner, outer = ends(support_of(scalar(p))), ends(support_of(scalar(q)))
    if inner.discrete != outer.discrete:
        where = "single points, Q gives none" if inner.discrete else "intervals without integers, Q gives none"
        return Inclusion(Containment.OUTSIDE, f"P gives positive probability to {where}")
    x = variable(family_of(p).support)
    at_or = "" if inner.discrete else "="
    unknown = []
    for own, other, sign in ((inner.lower, outer.lower, "<"), (inner.upper, outer.upper, ">")):
        if other is None:
            continue
        beyond = f"{x} {sign}{at_or} {other}, where q({x}) = 0"
        if own is None:
            return Inclusion(Containment.OUTSIDE, f"P gives positive probability to {beyond}")
        gap = Gap(own, other) if sign == "<" else Gap(other, own)
        if is_positive(-gap.width):
            return Inclusion(Containment.OUTSIDE, f"P gives positive probability to {beyond}")
        if not is_nonnegative(gap.width):
            unknown.append(gap)
    if unknown:
        open_ends = " and ".join(f"{gap.larger} >= {gap.smaller}" for gap in unknown)
        return Inclusion(Containment.DEPENDS, f"it is not known whether {open_ends}", tuple(unknown))
    return Inclusion(Containment.INSIDE, "nowhere does P give positive probability where Q gives none")
