"""The parameters of a question: which are drawn, what the others then are, and which of P and Q belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product

from kl_symbolic.derivation import Derivation
from kl_symbolic.families import Member, Parameter, find
from kl_symbolic.numbers import FLOATS, Namespace, at_coordinate
from kl_symbolic.proof.parameters import base_of, bound_of, free_laws, parameterisations_of, records_by_law
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.special import Values as Given
from kl_symbolic.proof.statement import laws
from kl_symbolic.proof.where import read_condition
from kl_symbolic.terms import Number, Term

# Coordinates by name; of a scalar law there is one.
Coordinates = Mapping[str, tuple[Fraction, ...]]
Standing = str | Fraction  # a parameter by name, or the number in its place


@dataclass(frozen=True)
class PointSpace:
    """Where parameter points of a derivation lie.

    Parameters
    ----------
    records
        The family's record of each parameter of the laws by its name, those of P first.
    terms
        Those that are symbols of the closed form's question.
    given
        What stands in place of some: numbers, or other parameters.
    pairs
        What is equal where P is Q; empty if the laws are not of one family, or given by different parameters.
    size
        The number of coordinates.
    """

    records: Mapping[str, Parameter]
    terms: Mapping[str, Term]
    given: Mapping[str, Standing]
    pairs: tuple[tuple[Standing, Standing], ...]
    size: int

    @property
    def drawn(self) -> tuple[str, ...]:
        """The names of the parameters that are drawn, each after those above which it lies."""
        return tuple(sorted((name for name in self.records if name not in self.given), key=self._height))

    def complete(self, values: Coordinates) -> dict[Term, Fraction] | None:
        """Return what every symbol of the closed form stands for; None if one is not where it must lie."""
        found: dict[Term, Fraction] = {}
        for name, term in self.terms.items():
            place = resolved(name, self.given)
            at = (place,) * self.size if isinstance(place, Fraction) else values[place]
            found |= dict(zip(self.coordinates(term), at, strict=True))
        return found if all(self._is_inside(name, found) for name in self.terms) else None

    def bounds_of(self, name: str, values: Coordinates) -> tuple[Fraction, ...] | None:
        """Return above what the coordinates of a parameter lie, where those of others are known."""
        low = bound_of(self.terms[name])
        if low is None:
            return None
        place = low.value if isinstance(low, Number) else resolved(str(base_of(low)), self.given)
        return (place,) * self.size if isinstance(place, Fraction) else values[place]

    def coordinates(self, term: Term) -> tuple[Term, ...]:
        """Return the symbols of the coordinates of a parameter."""
        return _coordinates(term, self.size)

    def _is_inside(self, name: str, found: Mapping[Term, Fraction]) -> bool:
        term = self.terms[name]
        low = bound_of(term)
        values = [found[one] for one in self.coordinates(term)]
        if not all(map(self.records[name].domain.has, values)):
            return False
        if low is None:
            return True
        lows = [low.value] * self.size if isinstance(low, Number) else [found[one] for one in self.coordinates(low)]
        return all(value > least for value, least in zip(values, lows, strict=True))

    def _height(self, name: str) -> int:
        low = bound_of(self.terms[name])
        return 0 if low is None or isinstance(low, Number) else 1 + self._height(str(base_of(low)))


@lru_cache(maxsize=256)
def _coordinates(term: Term, size: int) -> tuple[Term, ...]:
    return tuple(at_coordinate(term, k) for k in range(1, size + 1))


def resolved(place: Standing, given: Mapping[str, Standing]) -> Standing:
    """Return what a parameter comes to: a parameter that is drawn, or a number.

    >>> resolved("a", {"a": "b", "b": Fraction(2)}), resolved("c", {})
    (Fraction(2, 1), 'c')
    """
    while isinstance(place, str) and place in given:
        place = given[place]
    return place


def space_of(derivation: Derivation, size: int) -> PointSpace:
    """Return where parameter points of a derivation lie.

    Examples
    --------
    >>> from kl_symbolic import derive
    >>> space = space_of(derive("normal(0, s)", "standard_normal"), 1)
    >>> space.drawn, space.pairs
    (('sigma',), ((Fraction(0, 1), Fraction(0, 1)), ('sigma', Fraction(1, 1))))
    """
    question = derivation.question
    terms = {str(base_of(parameter)): parameter for parameter in laws(question).parameters}
    records = {name: record for own in records_by_law(question).values() for name, record in own.items()}
    special = derivation.special.values if derivation.special else ()
    given = dict(_given(question, special))
    pairs = tuple((resolved(one, given), resolved(other, given)) for one, other in _pairs(question))
    return PointSpace(records, terms, given, pairs, size)


def _given(question: Question, special: Given) -> Iterator[tuple[str, Standing]]:
    for condition in map(read_condition, question.where):
        if condition.sign == "=":
            yield condition.name, condition.other
    for parameter, value in special:
        yield str(base_of(parameter)), value.value if isinstance(value, Number) else str(base_of(value))


def _pairs(question: Question) -> Iterator[tuple[Standing, Standing]]:
    """Yield what is equal where P is Q, if both are given alike."""
    if question.q is None:
        return
    p, q = find(question.p), find(question.q)
    if p.family.name != q.family.name:
        return
    named, params = records_by_law(question), parameterisations_of(question)
    free = free_laws(question)
    sides = [list(named[place]) if place in free else None for place in (1, 2)]
    if None not in sides and params[1] != params[2]:
        return
    shared = params[1 if 1 in free else 2]
    standard = [None if side else standard_values(member, shared) for side, member in zip(sides, (p, q), strict=True)]
    one, other = (side or values for side, values in zip(sides, standard, strict=True))
    yield from zip(one or (), other or (), strict=False)


def standard_values(member: Member, param: str) -> tuple[Fraction, ...] | None:
    """Return the parameters of a named member in some parameterisation, if each of them is 0 or 1.

    Examples
    --------
    >>> standard_values(find("standard_normal"), "logvar")
    (Fraction(0, 1), Fraction(0, 1))
    """
    family = member.family
    domains = [parameter.domain for parameter in family.parameters_in(param)]
    for values in product((Fraction(0), Fraction(1)), repeat=len(domains)):
        if all(domain.has(value) for domain, value in zip(domains, values, strict=True)):
            numbers = tuple(map(FLOATS.number, values))
            if param != family.default:
                numbers = tuple(family.parameterisations[param].to_default(Namespace(FLOATS), *numbers))
            if numbers == member.fixed:
                return values
    return None
