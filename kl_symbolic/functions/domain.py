"""Where a symbol, an argument or a value lies."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from fractions import Fraction


class Domain(Enum):
    """A set of real numbers.

    Examples
    --------
    >>> [domain.value for domain in Domain if domain.positive]
    ['positive', 'unit', 'index']
    """

    REAL = "real"
    NONNEGATIVE = "nonnegative"
    POSITIVE = "positive"
    UNIT = "unit"  # between 0 and 1, without these
    NATURAL = "natural"  # 0, 1, 2, ...
    INDEX = "index"  # 1, 2, 3, ...

    @property
    def words(self) -> str:
        """What a number in it is, in words: one of 1, 2, 3, ..."""
        named = {
            Domain.NONNEGATIVE: "non-negative",
            Domain.UNIT: "between 0 and 1",
            Domain.NATURAL: "one of 0, 1, ...",
            Domain.INDEX: "one of 1, 2, ...",
        }
        return named.get(self, self.value)

    def words_with(self, ends: Iterable[int]) -> str:
        """Return the same where some of its ends belong to it, too.

        >>> Domain.POSITIVE.words_with([0]), Domain.UNIT.words_with([0, 1])
        ('positive or 0', 'from 0 to 1')
        """
        at = tuple(ends)
        return "from 0 to 1" if self is Domain.UNIT and at == (0, 1) else " or ".join([self.words, *map(str, at)])

    @property
    def positive(self) -> bool:
        """Whether every number in it is positive."""
        return self in (Domain.POSITIVE, Domain.UNIT, Domain.INDEX)

    @property
    def nonnegative(self) -> bool:
        """Whether no number in it is negative."""
        return self is not Domain.REAL

    @property
    def integer(self) -> bool:
        """Whether every number in it is whole."""
        return self in (Domain.NATURAL, Domain.INDEX)

    def has(self, value: Fraction) -> bool:
        """Whether a number lies in it.

        >>> Domain.NATURAL.has(Fraction(0)), Domain.INDEX.has(Fraction(0)), Domain.REAL.has(Fraction(-1))
        (True, False, True)
        """
        if self.integer and value.denominator != 1:
            return False
        if self is Domain.UNIT:
            return 0 < value < 1
        return value > 0 if self.positive else value >= 0 or not self.nonnegative
