"""A special case of a derivation as plain data: values in place of parameters, and the closed form that they give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Basic, Expr, Indexed, IndexedBase, Symbol

from kl_symbolic.proof.language import Scalar
from kl_symbolic.proof.parameters import base_of

Values = tuple[tuple[Scalar, Expr], ...]


@dataclass(frozen=True)
class Special:
    """A special case.

    Parameters
    ----------
    values
        Parameters of the claim, each with a rational number or another parameter of the claim.
    right
        The right side of the statement where the parameters have these values.
    names
        Symbols of the user's own by parameter: ``sigma_1`` is called ``s``. They are for people; `right` has ours.
    """

    values: Values
    right: Expr
    names: tuple[tuple[Scalar, Symbol], ...] = ()

    @property
    def where(self) -> str:
        """The values in words: ``mu_2 = 0, sigma_2 = sigma_1``."""
        return ", ".join(f"{base_of(name)} = {_shown(value)}" for name, value in self.values)

    @property
    def called(self) -> dict[str, str]:
        """Our names of the parameters by the user's own: ``{"s": "sigma_1"}``."""
        return {symbol.name: str(base_of(parameter)) for parameter, symbol in self.names}

    def renamed(self, expr: Basic) -> Basic:
        """Return an expression with the user's own symbols in place of ours."""
        own: list[tuple[Scalar, Expr]] = []
        for parameter, symbol in self.names:
            if isinstance(parameter, Indexed):
                sign = {"positive": True} if parameter.is_positive else {"real": True}
                own.append((parameter, IndexedBase(symbol.name, **sign)[parameter.indices]))
            else:
                own.append((parameter, symbol))
        return put_in(expr, own)


def put_in(expr: Basic, values: Iterable[tuple[Scalar, Expr]]) -> Basic:
    """Put values in place of parameters, all at once, and let SymPy work out what it does by itself.

    Examples
    --------
    >>> from sympy import IndexedBase, Integer, symbols
    >>> a, b, mu, i = symbols("a b mu i")
    >>> put_in(a + 2 * b, [(a, b), (b, Integer(1))])
    b + 2
    >>> nu = IndexedBase("nu")
    >>> put_in(nu[3] + nu[i], [(nu[i], IndexedBase("mu")[i])])
    mu[3] + mu[i]
    """
    table: dict[Basic, Basic] = {}
    entries = expr.atoms(Indexed)
    for parameter, value in values:
        table[parameter] = value
        if isinstance(parameter, Indexed):
            same = [entry for entry in entries if entry.base == parameter.base]
            table |= {e: value.base[e.indices] if isinstance(value, Indexed) else value for e in same}
    return expr.xreplace(table)


def _shown(value: Expr) -> str:
    return str(base_of(value)) if isinstance(value, Indexed) else str(value)
