"""What a function should compute: the proved closed form of a pair of laws, and its gradient, at given numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.api import derive, prove
from kl_symbolic.audit.exact import Interval, IntervalFunction, certain, computation, floating, interval, mp
from kl_symbolic.audit.request import requested
from kl_symbolic.audit.sides import Sides
from kl_symbolic.claims.cases import in_special_case
from kl_symbolic.derivation import Derivation
from kl_symbolic.engine import simplified
from kl_symbolic.errors import NoClosedFormError, RequestError
from kl_symbolic.families import Parameter
from kl_symbolic.kernel import prove_step
from kl_symbolic.numbers import UnresolvedError
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.parameters import asked_parameterisations, base_of
from kl_symbolic.proof.special import put_in
from kl_symbolic.proof.statement import laws
from kl_symbolic.reading.objects import common_dimension, law_of
from kl_symbolic.slips import Candidate, quantities
from kl_symbolic.terms import Number, Term, add, has

Columns = Mapping[str, NDArray[Any]]  # a parameter's name -> its values, one row a law, one column a coordinate
Values = NDArray[Any]  # of mpmath numbers, None where there is no value
ANY = Number(Fraction(739, 1000))  # which nobody writes


@dataclass(frozen=True)
class Target:
    """A pair of laws with the proved closed form of its divergence, where parameters have values in that case.

    The divergence of products is the sum over the coordinates, which is part of the proof; `coordinate` is the proved
    divergence of one coordinate, whose values are summed. Everything here is in the names of the function's arguments.
    """

    derivation: Derivation
    coordinate: Derivation
    sides: Sides
    dim: int | None = None  # of objects of libraries; the closed form holds for every one

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters that the function takes, those of P first."""
        return self.sides.names

    @property
    def records(self) -> dict[str, Parameter]:
        """The family's record of each of them."""
        return self.sides.records

    @property
    def product(self) -> bool:
        """Whether the laws are products of coordinates, so that a last axis is summed over."""
        return self.sides.p.member.product or self.sides.q.member.product

    @property
    def ours(self) -> dict[str, str]:
        """What we call the parameters that have other names here."""
        special = self.derivation.special
        return special.called if special else {}

    @cached_property
    def closed(self) -> Term:
        """The closed form of one coordinate."""
        return self.put_in(self.coordinate.statement.right)

    def put_in(self, term: Term) -> Term:
        """Return an expression in the parameters of the general question with their values and names here in place."""
        one = self.derivation if has(term, "Indexed") else self.coordinate
        if one.special is None:
            return term
        return one.special.renamed(put_in(term, self._values[one is self.derivation].items()))

    @cached_property
    def _values(self) -> tuple[dict[Term, Term], dict[Term, Term]]:
        """The values of parameters, of a coordinate and of the laws.

        What the function does not take has any value: either it cancels, or the function computes something else.
        """
        made = []
        for one in (self.coordinate, self.derivation):
            special, found = one.special, {}
            for symbol in laws(one.question).parameters if special else ():
                value = dict(special.values).get(symbol, symbol) if special else symbol
                absent = not isinstance(value, Number) and self._name(one, value) not in self.names
                if absent or value != symbol:
                    found[symbol] = ANY if absent else value
            made.append(found)
        return made[0], made[1]

    @staticmethod
    def _name(one: Derivation, parameter: Term) -> str:
        return str(base_of(one.special.renamed(parameter) if one.special else parameter))

    def in_general(self, term: Term) -> bool:
        """Whether an expression has a parameter that has a value here."""
        special = self.derivation.special
        return special is not None and any(has(term, base_of(symbol)) for symbol, _ in special.values)

    @cached_property
    def computation(self) -> IntervalFunction:
        """Computes the closed form of one coordinate."""
        return computation(self.closed)

    @cached_property
    def quantities(self) -> list[Candidate]:
        """The divergence in the special case, then what else a function may compute of the laws."""
        known = [q._replace(expression=in_special_case(q.expression, self.derivation)) for q in self.general]
        return [known[0]._replace(expression=self.derivation.statement.right), *known[1:]]

    @cached_property
    def general(self) -> list[Candidate]:
        """The same for any parameters."""
        called = tuple((ours, own) for own, ours in self.ours.items())
        return [quantity._replace(called=called) for quantity in quantities(self.derivation.record)]

    @cached_property
    def gradients(self) -> dict[str, IntervalFunction] | None:
        """The proved derivatives by the free parameters, or None if there is none to derive.

        The derivative by a parameter that stands in several places is the sum of those by each.
        """
        question = self.coordinate.question
        try:
            found = derive(question.p, question.q, quantity="gradient", **question.options)
        except (NoClosedFormError, RequestError):
            return None
        prove(found)
        right = found.statement.right
        parts = right.args if right.head == "Vector" else (right,)
        by_name: dict[str, list[Term]] = {name: [] for name in self.names}
        for symbol, part in zip(laws(question).parameters, parts, strict=True):
            value = self._values[0].get(symbol, symbol)
            if not isinstance(value, Number):
                by_name[self._name(self.coordinate, value)].append(part)
        return {name: computation(self._collected(add(*parts))) for name, parts in by_name.items()}

    def _collected(self, term: Term) -> Term:
        """Put the values in, and collect, so that what cancels is gone; the kernel proves that nothing else is."""
        if not self.coordinate.is_special:
            return self.put_in(term)
        general = in_special_case(term, self.coordinate)
        right = simplified(general)
        if right != general:
            prove_step(Step("collect", general, right))
        return self.put_in(right)

    def values(self, columns: Columns) -> Values:
        """Return the divergence of each coordinate at numbers as they are, to 60 digits."""
        return evaluated(self.computation, columns, self.sides.equal)


def evaluated(
    compute: IntervalFunction, columns: Columns, zero: Callable[[Mapping[str, Interval]], bool] = lambda _: False
) -> Values:
    """Return the values that are computed at every entry of the columns, to 60 digits; None where there is no value."""
    shape = np.shape(next(iter(columns.values()))) if columns else (1, 1)
    found = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        numbers = [float(column[index]) for column in columns.values()]
        if not all(map(np.isfinite, numbers)):
            found[index] = None
            continue
        values = {name: interval(number) for name, number in zip(columns, numbers, strict=True)}
        found[index] = mp.zero if zero(values) else certain(partial(compute, values))
    return found


def approximate(term: Term, columns: Columns) -> Values:
    """Return the values of an expression in floating point, which is fast; None where they are not finite."""
    numbers = {name: np.asarray(column, np.float64) for name, column in columns.items()}
    shape = np.shape(next(iter(numbers.values()))) if numbers else (1, 1)
    try:
        with np.errstate(all="ignore"):
            found = np.broadcast_to(floating(term)(numbers), shape)
    except UnresolvedError as error:
        raise RequestError(f"the audit cannot evaluate {term}: {error}") from error
    values = np.array(found, dtype=object)
    values[~np.isfinite(found)] = None
    return values


def target(
    p: object,
    q: object,
    args: Sequence[str] | None = None,
    param: str | None = None,
    where: str | Sequence[str] | None = None,
    *,
    param_p: str | None = None,
    param_q: str | None = None,
) -> Target:
    """Derive and prove what a function should compute.

    Parameters
    ----------
    p, q, where
        The laws and what their parameters are equal to, as for `kl_symbolic.derive`.
    args
        Names of the function's arguments; they choose the parameterisation where `param` does not.
    param, param_p, param_q
        The parameterisation of both laws, or of each.

    Raises
    ------
    RequestError
        If the arguments are not the free parameters of the laws, or there is nothing to compute.
    NoClosedFormError
        If there is no such law, or no closed form.

    Examples
    --------
    >>> target("diagonal_normal", "standard_normal", ("mu", "logvar")).derivation.name
    'kl(diagonal_normal, standard_normal, logvar)'
    >>> target("normal", "normal", ("mu_1", "logvar_1", "mu_2", "sigma_2")).derivation.name
    'kl(normal, normal, p=logvar)'
    >>> target("normal(0, s)", "normal(m, 2)").names
    ('s', 'm')
    """
    first, second = law_of(p), law_of(q)
    dim = common_dimension(first, second, None)
    words = asked_parameterisations(first.name, second.name, param, param_p, param_q)
    request = requested(first, second, args, words, where)
    derivation, coordinate = request.derivation, request.coordinate
    for derived in (derivation, coordinate):
        prove(derived)
    taken = request.needed | {symbol for symbol, _ in request.called}
    names = [name for symbol, name in request.free.items() if symbol in taken]
    if derivation.statement.right is Number(0) or not names:
        what = f"the divergence of {first.written} and {second.written} is {derivation.closed_form} for all parameters"
        raise RequestError(f"{what}: there is nothing to call a function with")
    return Target(derivation, coordinate, request.sides(names), dim)
