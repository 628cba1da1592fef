"""What the array functions compute: programs for one coordinate, and where their arguments lie."""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from kl_symbolic.arguments import given
from kl_symbolic.code.arrays import Instructions, instructions_of
from kl_symbolic.code.cheap import CheapProgram, cheap_program
from kl_symbolic.code.error_bound import error_bounds
from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.code.languages.arrays import array_function
from kl_symbolic.code.program import Program
from kl_symbolic.code.stable_program import StableProgram
from kl_symbolic.code.stated_domain import stated_interval
from kl_symbolic.errors import RequestError
from kl_symbolic.functions import Domain
from kl_symbolic.numeric.inputs import Floats

USUAL_PROMISE = 16  # eps, beyond which a number is computed again; more where the bound of ordinary arguments is more


class ParameterSpace(NamedTuple):
    """Where a parameter lies.

    Parameters
    ----------
    domain
        Its domain.
    edges
        The ends of the domain that belong to it, too: 0, and 1 of numbers between 0 and 1.
    above
        What else it lies above: a number, or the name of another parameter.
    infinite
        Whether infinity belongs to it.
    """

    domain: Domain = Domain.REAL
    edges: tuple[int, ...] = ()
    above: float | str | None = None
    infinite: bool = False

    @property
    def words(self) -> str:
        """Where it lies, in words."""
        return self.domain.words_with(self.edges)

    def has(self, interval: FloatInterval) -> bool:
        """Whether all of an interval lies in it."""
        ends = np.array([interval.low, interval.high])
        finite = self.infinite or bool(np.isfinite(ends).all())
        return finite and self.above is None and not self.outside(ends).any()

    def outside(self, array: Any) -> Any:
        """Return where numbers of any library are certainly not in the domain; NaN is not."""
        if self.domain is Domain.REAL:
            return array < -math.inf  # nowhere
        below = array <= 0 if self.domain.positive and 0 not in self.edges else array < 0
        if self.domain is Domain.UNIT:
            return below | (array > 1 if 1 in self.edges else array >= 1)
        return below


ANY_NUMBER = ParameterSpace(infinite=True)
ALL_NUMBERS = FloatInterval()

ExactResults: TypeAlias = Callable[[Program, Mapping[str, float]], Sequence[float]]


class Routine:
    """A program, and what runs it; each is made when it is needed.

    Parameters
    ----------
    program
        What is computed for each coordinate.
    cheap
        A cheaper program for large sums of ordinary arguments.
    """

    def __init__(self, program: Program, cheap: CheapProgram | None = None) -> None:
        self.program, self.cheap = program, cheap
        self.instructions = instructions_of(program)  # beforehand: torch.compile cannot follow it

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The program as a function of NumPy arrays."""
        return array_function(self.program)

    @cached_property
    def first(self) -> Callable[..., Any]:
        """The same of its first result alone."""
        return array_function(replace(self.program, results=self.program.results[:1]))

    @cached_property
    def cheap_function(self) -> Callable[..., Any]:
        """The cheaper program as a function of NumPy arrays."""
        assert self.cheap is not None
        return array_function(self.cheap.program)


@dataclass(frozen=True, eq=False)
class Formula:
    """What is computed for each coordinate.

    Parameters
    ----------
    value
        What computes it.
    gradient
        The program of its derivatives by all arguments.
    spaces
        Where each argument lies, by name.
    within
        For which arguments the error has a bound beforehand, by name; nowhere if it is empty.
    eps
        The largest error that is allowed, in eps of the dtype; a number that may have a larger one is computed again.
    exact
        Returns the results of a program at one point, given the arguments by name, with all digits of a float.
    words
        What arguments are also called.
    totals
        What must be 1: by what it is called, ``totals(rows)`` of arguments by name, whose last axis is summed over.
    compiled
        Whether it is worth a compiler, where there is one.
    """

    value: Routine
    gradient: Program | None = None
    spaces: Mapping[str, ParameterSpace] = field(default_factory=dict)
    within: Mapping[str, FloatInterval] = field(default_factory=dict)
    eps: float = USUAL_PROMISE
    exact: ExactResults | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    totals: Callable[[Mapping[str, Floats]], Mapping[str, Floats]] | None = None
    compiled: bool = True

    slopes: Instructions | None = field(init=False, default=None)  # the program of the derivatives as a list
    with_slopes: Routine | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.gradient is not None:  # beforehand: torch.compile cannot follow it
            program = self.value.program
            whole = replace(program, results=(*program.results, *self.gradient.results))
            object.__setattr__(self, "slopes", instructions_of(self.gradient))
            object.__setattr__(self, "with_slopes", Routine(whole, self.value.cheap and cheap_program(whole)))

    @property
    def both(self) -> Routine:
        """What computes the value with its derivatives: what both need is computed once."""
        if self.with_slopes is None:
            raise RequestError(f"there is no gradient of {self.value.program.name}")
        return self.with_slopes

    @cached_property
    def is_checked_first(self) -> bool:
        """Whether all arguments are looked at beforehand: some may be ordinary, but not in their spaces."""
        return any(not self.spaces[name].has(interval) for name, interval in self.within.items())

    def named(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments that somebody gives by name, as `arguments_by_name` does."""
        return arguments_by_name(self.value.program.arguments, self.words, parameters)


def arguments_by_name(names: Sequence[str], words: Mapping[str, str], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that somebody gives by name, in their order.

    Parameters
    ----------
    names
        What they are called.
    words
        What they are also called.
    parameters
        What is given.

    Raises
    ------
    RequestError
        If one is missing or unknown.

    Examples
    --------
    >>> arguments_by_name(("lambda", "mu"), {"rate": "lambda"}, {"mu": 1, "rate": 2})
    {'lambda': 2, 'mu': 1}
    """
    known = {**words, **{name: name for name in names}}
    unknown = [name for name in parameters if name not in known]
    if unknown:
        raise RequestError(f"no parameter {given(unknown[0])}; there are {', '.join(names)}")
    found = {known[name]: value for name, value in parameters.items()}
    if len(found) != len(parameters) or len(found) != len(names):
        given_ = ", ".join(parameters) or "none"
        raise RequestError(f"the parameters are {', '.join(names)}, each once; given: {given_}")
    return {name: found[name] for name in names}


def words_beside(meanings: Mapping[str, str]) -> dict[str, str]:
    """Return what parameters are also called, whose own name is a word of Python: their meaning.

    >>> words_beside({"lambda": "rate", "mu": "mean"})
    {'rate': 'lambda'}
    """
    return {meaning.replace(" ", "_"): name for name, meaning in meanings.items() if keyword.iskeyword(name)}


def largest_error(within: Mapping[str, FloatInterval], *programs: Program) -> float:
    """Return a bound of the errors of programs for ordinary arguments, in eps."""
    return max(bound.eps for program in programs for bound in error_bounds(program, within))


def formula_of(found: StableProgram) -> Formula:
    """Return what computes a stable form that a family states."""
    within = {name: stated_interval(one) for name, one in found.parameters.items()}
    largest = largest_error(within, found.value, found.gradient)
    return Formula(
        Routine(found.value, cheap_program(found.value)),
        found.gradient,
        {name: ParameterSpace(one.domain, found.edges.get(name, ())) for name, one in found.parameters.items()},
        within if math.isfinite(largest) else {},
        max(USUAL_PROMISE, largest) if math.isfinite(largest) else USUAL_PROMISE,
        all_digits,
        words_beside({name: one.meaning for name, one in found.parameters.items()}),
    )


def all_digits(program: Program, point: Mapping[str, float]) -> tuple[float, ...]:
    """Return the results of a program at one point, with all digits of a float."""
    from kl_symbolic.code import decimals  # few need it

    return decimals.in_floats(program, point)
