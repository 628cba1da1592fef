"""What a function should compute: the proved closed form of a pair of laws, and its gradient, at given numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Basic

from kl_symbolic.api import derive, prove
from kl_symbolic.audit.exact import FLOATS, Interval, Program, certain, compiled, interval, iv, mp
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import NoClosedFormError, RequestError
from kl_symbolic.families import Member, Parameter, find
from kl_symbolic.families import names as law_names
from kl_symbolic.proof.language import Vector
from kl_symbolic.proof.parameters import base_of
from kl_symbolic.proof.statement import laws
from kl_symbolic.reading.aliases import canonical

Columns = Mapping[str, NDArray[Any]]  # a parameter's name -> its values, one row a law, one column a coordinate
Values = NDArray[Any]  # of mpmath numbers, None where there is no value

NAMESPACE = SimpleNamespace(log=iv.log, exp=iv.exp, sqrt=iv.sqrt, pi=iv.pi)


@dataclass(frozen=True)
class Side:
    """One of the two laws: what it is, its parameterisation, and the names of its free parameters."""

    member: Member
    param: str
    names: tuple[str, ...]

    @property
    def records(self) -> tuple[Parameter, ...]:
        """The family's record of each parameter in this parameterisation."""
        return self.member.family.parameters_in(self.param)

    @property
    def fixed(self) -> tuple[int, ...] | None:
        """The parameters of a named member in the default parameterisation."""
        return self.member.fixed

    @cached_property
    def fixed_here(self) -> tuple[int, ...] | None:
        """The parameters of a named member in this parameterisation, where they are 0 or 1."""
        if self.fixed is None:
            return None
        for code in range(2 ** len(self.records)):
            values = tuple(code >> k & 1 for k in range(len(self.records)))
            if not any(v == 0 and r.domain.value == "positive" for v, r in zip(values, self.records, strict=True)):
                default = to_default(self.member, self.param, [iv.mpf(v) for v in values])
                if all(a == b for a, b in zip(default, self.fixed, strict=True)):
                    return values
        return None

    def default(self, values: Mapping[str, Interval]) -> list[Interval]:
        """Return the parameters of the law in the default parameterisation."""
        if self.fixed is not None:
            return [iv.mpf(v) for v in self.fixed]
        return to_default(self.member, self.param, [values[name] for name in self.names])


def to_default(member: Member, param: str, values: Sequence[Interval]) -> list[Interval]:
    """Return parameters in the default parameterisation of their family."""
    family = member.family
    return (
        list(values)
        if param == family.default
        else list(family.parameterisations[param].to_default(NAMESPACE, *values))
    )


@dataclass(frozen=True)
class Target:
    """A pair of laws with the proved closed form of its divergence.

    The divergence of products is the sum over the coordinates, which is part of the proof; `coordinate` is the proved
    divergence of one coordinate, whose values are summed.
    """

    derivation: Derivation
    coordinate: Derivation
    p: Side
    q: Side

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the free parameters, those of P first."""
        return (*self.p.names, *self.q.names)

    @property
    def records(self) -> dict[str, Parameter]:
        """The family's record of each free parameter."""
        sides = (self.p, self.q)
        return {n: r for side in sides if side.fixed is None for n, r in zip(side.names, side.records, strict=True)}

    @property
    def product(self) -> bool:
        """Whether the laws are products of coordinates, so that a last axis is summed over."""
        return self.p.member.product or self.q.member.product

    @property
    def same_family(self) -> bool:
        """Whether P can be equal to Q."""
        return self.p.member.family is self.q.member.family

    @cached_property
    def program(self) -> Program:
        """The closed form of one coordinate."""
        return compiled(self.coordinate.statement.right)

    @cached_property
    def gradients(self) -> dict[str, Program] | None:
        """The proved derivatives by the free parameters, or None if there is none to derive."""
        try:
            found = derive(self.coordinate.claim.p, self.coordinate.claim.q, quantity="gradient", param=self.p.param)
        except (NoClosedFormError, RequestError):
            return None
        prove(found)
        right = found.statement.right
        parts = right.args if isinstance(right, Vector) else (right,)
        return dict(zip(self.names, map(compiled, parts), strict=True))

    def values(self, columns: Columns) -> Values:
        """Return the divergence of each coordinate at numbers as they are, to 60 digits."""
        return evaluated(self.program, columns, self.zero)

    def zero(self, values: Mapping[str, Interval]) -> bool:
        """Whether the two laws are the same, so that the divergence is exactly 0."""
        if not self.same_family:
            return False
        if self.p.fixed is None and self.q.fixed is None and self.p.param == self.q.param:
            pairs = zip(self.p.names, self.q.names, strict=True)
            return all(bool(values[a] == values[b]) for a, b in pairs)
        return all(bool(a == b) for a, b in zip(self.p.default(values), self.q.default(values), strict=True))


def evaluated(
    program: Program, columns: Columns, zero: Callable[[Mapping[str, Interval]], bool] = lambda _: False
) -> Values:
    """Return the values of a program at every entry of the columns, to 60 digits; None where there is no value."""
    shape = np.shape(next(iter(columns.values()))) if columns else (1, 1)
    found = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        numbers = [float(column[index]) for column in columns.values()]
        if not all(map(np.isfinite, numbers)):
            found[index] = None
            continue
        values = {name: interval(number) for name, number in zip(columns, numbers, strict=True)}
        found[index] = mp.zero if zero(values) else certain(lambda values=values: program(values))  # type: ignore[misc]
    return found


def approximate(expr: Basic, columns: Columns) -> Values:
    """Return the values of an expression in floating point, which is fast; None where they are not finite."""
    with np.errstate(all="ignore"):
        numbers = {name: np.asarray(column, np.float64) for name, column in columns.items()}
        shape = np.shape(next(iter(numbers.values()))) if numbers else (1, 1)
        found = np.broadcast_to(compiled(expr, FLOATS)(numbers), shape)
    values = np.array(found, dtype=object)
    values[~np.isfinite(found)] = None
    return values


def target(p: str, q: str, args: Sequence[str] | None = None, param: str | None = None) -> Target:
    """Derive and prove what a function should compute.

    Parameters
    ----------
    p, q
        Names of the laws, as for `kl_symbolic.derive`.
    args
        Names of the function's arguments; they choose the parameterisation where `param` does not.
    param
        The parameterisation.

    Raises
    ------
    RequestError
        If the arguments are not the parameters of the laws.
    NoClosedFormError
        If there is no such law, or no closed form.

    Examples
    --------
    >>> target("diagonal_normal", "standard_normal", ("mu", "logvar")).derivation.name
    'kl(diagonal_normal, standard_normal, logvar)'
    """
    p, q = canonical(p), canonical(q)
    members = find(p), find(q)
    known = [param] if param else list(dict.fromkeys(n for m in members for n in m.family.param_names))
    for one in known:
        names = _names(p, q, one)
        if args is None or sorted(args) == sorted(names):
            break
    else:
        ways = " or ".join(dict.fromkeys(",".join(_names(p, q, one)) for one in known))
        raise RequestError(f"the arguments of {p} and {q} are {ways} in any order, given: {','.join(args or ())}")
    scalar = [m.name if m.fixed is not None else m.family.name for m in members]
    derivation, coordinate = derive(p, q, param=one), derive(*scalar, param=one)
    for derived in (derivation, coordinate):
        prove(derived)
    free = list(names)
    sides = []
    for member in members:
        own = one if one in member.family.param_names else member.family.default
        count = 0 if member.fixed is not None else len(member.family.parameters_in(own))
        sides.append(Side(member, own, tuple(free[:count])))
        del free[:count]
    return Target(derivation, coordinate, sides[0], sides[1])


def _names(p: str, q: str, param: str) -> tuple[str, ...]:
    """Return the names of the free parameters of a pair: those of its closed form."""
    assert {p, q} <= set(law_names())
    derivation = derive(p, q, param=param)
    return tuple(str(base_of(s)) for s in laws(derivation.claim).parameters)
