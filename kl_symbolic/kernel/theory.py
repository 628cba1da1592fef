"""What a theory is: a function that says what an atom equals by its law.

A theory sees one atom, whose arguments have been read, and returns a polynomial that equals it, or None where its law
says nothing. An unfolding sees a term before it is read, and returns the term that it stands for, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from fractions import Fraction
from typing import Protocol, TypeAlias

from kl_symbolic.kernel.arithmetic import Arithmetic
from kl_symbolic.kernel.polynomial import Atom, Poly
from kl_symbolic.terms import Term


class Canonical(Protocol):
    """What a theory may use of the reader of canonical forms."""

    @property
    def arithmetic(self) -> Arithmetic:
        """Where sums, products and powers are computed, and their cost is counted."""

    def has(self, theory: Theory) -> bool:
        """Whether another theory is on, too."""

    def value(self, head: str, *args: Hashable) -> Poly:
        """Return the value of an atom, by the theories that are on."""

    def opaque(self, atom: Atom) -> Poly:
        """Return an atom as it is, or what a cited equation says of it."""

    def power(self, base: Poly, exponent: Poly | Fraction) -> Poly:
        """Return a power."""

    def product(self, factors: Iterable[Poly]) -> Poly:
        """Return a product."""

    def scaled(self, poly: Poly, c: Fraction | int) -> Poly:
        """Return a multiple."""

    def formula(self, formula: Callable[..., Term], *args: Poly) -> Poly:
        """Return what a formula is at canonical arguments."""


Theory: TypeAlias = Callable[[Canonical, Atom], Poly | None]
Unfolding: TypeAlias = Callable[[Term, Callable[[int], None]], Term | None]
