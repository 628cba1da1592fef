"""Parameter points of four kinds: ordinary, near-equal, edge and extreme."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Literal, get_args

from kl_symbolic.functions import Domain
from kl_symbolic.reference.doubles import nearest_double
from kl_symbolic.reference.draws import Draws
from kl_symbolic.reference.space import Coordinates, PointSpace, Standing

Kind = Literal["ordinary", "near-equal", "edge", "extreme"]
KINDS: tuple[Kind, ...] = get_args(Kind)

NEAREST, FARTHEST = -15, -2  # decades of the distance, which is up to 10 times as large
EQUAL_EVERY = 4  # edge points, where the laws can be equal
FARTHEST_APART = Fraction(1, 5)  # what lies farther apart than this is not near
SHARE_OF_EDGES = Fraction(3, 5)


def not_for(kind: Kind, space: PointSpace) -> str | None:
    """Say why there are no points of a kind; None if there may be."""
    if kind != "near-equal":
        return None
    if not space.pairs:
        return "there are no two laws of one family in the same parameters"
    if any(isinstance(one, Fraction) and isinstance(other, Fraction) and one != other for one, other in space.pairs):
        return "their parameters are given different values"
    if all(one == other for one, other in space.pairs):
        return "the laws are always equal"
    return None


class Points:
    """Parameter points of a kind, one after the other.

    Parameters
    ----------
    space
        Where they lie.
    kind
        Which kind.
    random
        Where they come from.
    """

    def __init__(self, space: PointSpace, kind: Kind, random: Random) -> None:
        self._space, self._draws = space, Draws(random)
        makers: dict[Kind, Callable[[int], Coordinates]] = {
            "ordinary": lambda _: self._ordinary(),
            "near-equal": self._near,
            "edge": self._edge,
            "extreme": self._extreme,
        }
        self._kind, self._make = kind, makers[kind]

    def at(self, k: int) -> Coordinates | None:
        """Return the k-th attempt; None if it lies outside of a domain, or is not of the kind."""
        values = self._make(k)
        if self._space.complete(values) is None or (self._kind == "near-equal" and not self._are_near(values)):
            return None
        return values

    def _each(self, draw: Callable[[str], Fraction]) -> dict[str, tuple[Fraction, ...]]:
        """Draw all coordinates of all parameters, and lift those that lie below their bounds."""
        values: dict[str, tuple[Fraction, ...]] = {}
        for name in self._space.drawn:
            found = tuple(draw(name) for _ in range(self._space.size))
            bounds = self._space.bounds_of(name, values)
            if bounds is not None:
                pairs = zip(found, bounds, strict=True)
                found = tuple(v if v > low else nearest_double(low + abs(v)) for v, low in pairs)
            values[name] = found
        return values

    def _ordinary(self) -> dict[str, tuple[Fraction, ...]]:
        return self._each(lambda name: self._draws.ordinary(self._space.records[name]))

    def _near(self, k: int) -> Coordinates:
        decade = NEAREST + k % (FARTHEST - NEAREST + 1)
        return self._paired(lambda name, base: self._draws.near(self._space.records[name], base, decade))

    def _paired(self, other_of: Callable[[str, Fraction], Fraction]) -> Coordinates:
        """Return a point at which the second of each pair comes from the first."""
        values = self._ordinary()
        for pair in self._space.pairs:
            base, other = sorted(pair, key=lambda place: isinstance(place, str))
            if isinstance(other, str) and base != other:
                values[other] = tuple(other_of(other, value) for value in self._at(base, values))
        return values

    def _at(self, place: Standing, values: Coordinates) -> tuple[Fraction, ...]:
        return (place,) * self._space.size if isinstance(place, Fraction) else values[place]

    def _edge(self, k: int) -> Coordinates:
        if self._space.pairs and k % EQUAL_EVERY == 0:
            return self._paired(lambda _, base: base)
        records, names = self._space.records, self._space.drawn
        chosen = {name for name in names if self._draws.share() < SHARE_OF_EDGES} or {self._draws.one_of(names)}
        edges = {name: self._draws.edge(records[name]) for name in names if name in chosen}
        return self._each(lambda name: edges[name] if name in edges else self._draws.ordinary(records[name]))

    def _extreme(self, k: int) -> Coordinates:
        """Return a point of any orders of magnitude, at every second attempt about the same ones of P and Q."""
        decades = {name: self._draws.decade() for name in self._space.drawn}
        for one, other in self._space.pairs if k % 2 else ():
            if isinstance(one, str) and isinstance(other, str):
                decades[other] = decades[one] + self._draws.one_of((-1, 0, 1))
        return self._each(lambda name: self._draws.extreme(self._space.records[name], decades[name]))

    def _are_near(self, values: Coordinates) -> bool:
        """Whether the laws of a point are near one another, and not the same."""
        apart = [
            (abs(one - other), abs(one) if self._domain_of(pair) is not Domain.REAL else max(abs(one), 1))
            for pair in self._space.pairs
            for one, other in zip(*(self._at(place, values) for place in pair), strict=True)
        ]
        return any(distance for distance, _ in apart) and all(
            distance <= FARTHEST_APART * scale for distance, scale in apart
        )

    def _domain_of(self, pair: tuple[Standing, Standing]) -> Domain | None:
        return next((self._space.records[place].domain for place in pair if isinstance(place, str)), None)
