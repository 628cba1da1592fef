"""What a name says of a parameter: a power of what it is, or the logarithm of that."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from kl_symbolic.reading.arithmetic import multiply, power
from kl_symbolic.terms import Term


class Meaning(NamedTuple):
    """A parameter, and what is written of it: the parameter is g or log g, and the name g^power or its logarithm.

    Examples
    --------
    >>> from kl_symbolic.functions import Domain
    >>> from kl_symbolic.terms import Symbol
    >>> sigma, two = Symbol("sigma", Domain.POSITIVE), Fraction(2)
    >>> Meaning(sigma, "sigma", two).shown, Meaning(sigma, "sigma", two, is_logarithm=True).shown
    ('sigma^2', '2*log(sigma)')
    """

    symbol: Term
    own_name: str
    power: Fraction = Fraction(1)
    is_logarithm: bool = False
    of_logarithm: bool = False  # the parameter is log g

    @property
    def is_parameter(self) -> bool:
        """Whether the name is the parameter itself."""
        return self.power == 1 and self.is_logarithm == self.of_logarithm

    @property
    def shown(self) -> str:
        """What the name stands for, in words for people."""
        name, factor = str(self.symbol), "" if self.power == 1 else f"{self.power}*"
        if self.of_logarithm:
            return f"{factor}{name}" if self.is_logarithm else f"exp({factor}{name})"
        if self.is_logarithm:
            return f"{factor}log({name})"
        whole = self.power.denominator == 1 and self.power > 0
        exponent = str(self.power) if whole else f"({self.power})"
        return name if self.power == 1 else f"sqrt({name})" if self.power == Fraction(1, 2) else f"{name}^{exponent}"

    def to(self, exponent: Fraction) -> Term:
        """Return the name to a rational power."""
        if not self.is_logarithm:
            total = self.power * exponent
            return Term("exp", multiply((total, self.symbol))) if self.of_logarithm else power(self.symbol, total)
        value = self.symbol if self.of_logarithm else Term("log", self.symbol)
        return power(multiply((self.power, value)), exponent)

    def logarithm(self, exponent: Fraction) -> Term | None:
        """Return the logarithm of the name to a rational power, where the parameter is one."""
        if self.is_logarithm or not self.of_logarithm:
            return None
        return multiply((self.power * exponent, self.symbol))
