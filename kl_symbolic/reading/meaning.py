"""What a name says of a parameter: a power of what it is, or the logarithm of that."""

from __future__ import annotations

from typing import NamedTuple

from sympy import Expr, Integer, Rational

from kl_symbolic.proof.language import Exp, Log, Scalar
from kl_symbolic.reading.arithmetic import multiply, power


class Meaning(NamedTuple):
    """A parameter, and what is written of it: the parameter is g or log g, and the name g^power or its logarithm.

    Examples
    --------
    >>> from sympy import Symbol
    >>> sigma = Symbol("sigma", positive=True)
    >>> Meaning(sigma, "sigma", Integer(2)).shown, Meaning(sigma, "sigma", Integer(2), is_logarithm=True).shown
    ('sigma^2', '2*log(sigma)')
    """

    symbol: Scalar
    own_name: str
    power: Rational = Integer(1)
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
        exponent = f"({self.power})" if self.power.q != 1 or self.power < 0 else str(self.power)
        return name if self.power == 1 else f"sqrt({name})" if self.power == Rational(1, 2) else f"{name}^{exponent}"

    def to(self, exponent: Expr) -> Expr:
        """Return the name to a rational power."""
        if not self.is_logarithm:
            total = self.power * exponent
            return Exp(multiply((total, self.symbol))) if self.of_logarithm else power(self.symbol, total)
        value = self.symbol if self.of_logarithm else Log(self.symbol)
        return power(multiply((self.power, value)), exponent)

    def logarithm(self, exponent: Expr) -> Expr | None:
        """Return the logarithm of the name to a rational power, where the parameter is one."""
        if self.is_logarithm or not self.of_logarithm:
            return None
        return multiply((self.power * exponent, self.symbol))
