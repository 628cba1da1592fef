"""A special case of a derivation as plain data: values in place of parameters, and the closed form that they give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kl_symbolic.proof.parameters import base_of
from kl_symbolic.terms import Spend, Symbol, Term, rebuilt, substitute

Values = tuple[tuple[Term, Term], ...]


@dataclass(frozen=True)
class Special:
    """A special case.

    Parameters
    ----------
    values
        Parameters of the question, each with a rational number or another parameter of the question.
    right
        The right side of the statement where the parameters have these values.
    names
        Symbols of the user's own by parameter: ``sigma_1`` is called ``s``. They are for people; `right` has ours.
    """

    values: Values
    right: Term
    names: tuple[tuple[Term, Symbol], ...] = ()

    @property
    def where(self) -> str:
        """The values in words: ``mu_2 = 0, sigma_2 = sigma_1``."""
        return ", ".join(f"{base_of(name)} = {base_of(value)}" for name, value in self.values)

    @property
    def called(self) -> dict[str, str]:
        """Our names of the parameters by the user's own: ``{"s": "sigma_1"}``."""
        return {symbol.name: str(base_of(parameter)) for parameter, symbol in self.names}

    def renamed(self, term: Term) -> Term:
        """Return a term with the user's own symbols in place of ours."""
        own = ((p, Term("Array", s)[p.args[1]] if p.head == "Indexed" else s) for p, s in self.names)
        return put_in(term, own)


def put_in(term: Term, values: Iterable[tuple[Term, Term]], spend: Spend = lambda _: None) -> Term:
    """Put values in place of parameters, all at once; what is said of a coordinate holds of all.

    Examples
    --------
    >>> from kl_symbolic.terms import COORDINATE, Array, Number
    >>> a, b = Symbol("a"), Symbol("b")
    >>> put_in(a + 2 * b, [(a, b), (b, Number(1))])
    b + 2*1
    >>> mu, nu = Array(Symbol("mu")), Array(Symbol("nu"))
    >>> put_in(nu[3] + Term("Sum", nu[COORDINATE], COORDINATE, 2), [(nu[COORDINATE], mu[COORDINATE])])
    mu[3] + Sum(mu[i], i, 2)
    """
    table = dict(values)
    arrays = {parameter.args[0]: value for parameter, value in table.items() if parameter.head == "Indexed"}

    def entry(array: Term, index: Term) -> Term:
        value = arrays.get(array, array[index])
        return value.args[0][index] if value.head == "Indexed" else value

    put = rebuilt(term, {"Indexed": entry}) if arrays else term
    return substitute(put, {p: v for p, v in table.items() if p.head != "Indexed"}, spend)
