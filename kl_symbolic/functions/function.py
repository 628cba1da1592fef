"""What a function is: plain data, without any symbolic or numeric library.

Formulas are functions of a *namespace* ``m``, ``lambda m, u: 1 / m.sqrt(u)``, so that the same line is read as a term,
as a canonical form of the kernel, or as a number of any library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf
from typing import Any, Literal, Protocol, TypeAlias

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.polynomial import Polynomial
from kl_symbolic.functions.rounding import Rounding

# The one place where values are untyped: a formula accepts whatever its namespace computes with.
Formula: TypeAlias = Callable[..., Any]

# How it is written: log x, x!, |x|, the root of x, e^x, x^y, psi^(n)(x), and a letter for a constant.
Style = Literal["prefix", "postfix", "bars", "root", "exponential", "power", "order", "letter"]


class Algebra(Protocol):
    """What an identity may do with canonical forms, and ask of them."""

    def number(self, value: Fraction | int) -> Any:
        """Return a number."""

    def add(self, parts: Iterable[Any]) -> Any:
        """Return a sum."""

    def mul(self, a: Any, b: Any) -> Any:
        """Return a product."""

    def power(self, base: Any, exponent: Any) -> Any:
        """Return a power."""

    def root(self, base: Any) -> Any:
        """Return the square root of what is not negative."""

    def apply(self, function: str, *args: Any) -> Any:
        """Return a value of a function, by the laws that are on."""

    def inert(self, function: str, *args: Any) -> Any:
        """Return a value of a function as it is."""

    def formula(self, formula: Formula, *args: Any) -> Any:
        """Return what a formula is at canonical forms."""

    def constant_part(self, value: Any) -> Fraction:
        """Return the number among its terms: 1/2 of u + 1/2."""

    def is_positive(self, value: Any) -> bool:
        """Whether it is plain to see that it is positive."""

    def is_nonnegative(self, value: Any) -> bool:
        """Whether it is plain to see that it is not negative."""


class Computation(Protocol):
    """What a program may use beside arithmetic, comparisons and the functions by name, ``m.expm1(t)``.

    A program is straight-line code in floating point: loops run while it is written down, conditions choose values.
    """

    def __getattr__(self, name: str) -> Any:
        """Return a function or a constant."""

    def where(self, condition: Any, then: Any, otherwise: Any) -> Any:
        """Return one of two values; both are computed, so that each must be harmless where the other is taken."""

    def polynomial(self, polynomial: Polynomial, x: Any) -> Any:
        """Return the value of a polynomial, by Horner's rule."""

    def polygamma(self, order: int, x: Any) -> Any:
        """Return a value of a polygamma function, whose order is known while a program is written."""

    def two_product(self, a: Any, b: Any) -> tuple[Any, Any]:
        """Return the rounded product of two numbers and its rounding error, exactly."""

    def two_difference(self, a: Any, b: Any) -> tuple[Any, Any]:
        """Return the rounded difference of two numbers and its rounding error, exactly."""


class VectorComputation(Computation, Protocol):
    """What a program for compilers may use beside: numbers in binary, and what differs between dtypes.

    Such a program has no function of a library, whose calls are done one by one: a loop over it becomes a loop over
    vectors. An operation is defined for ordinary numbers only; `where` takes what is right for others.
    """

    infinity: Any

    def by_dtype(self, double: Any, single: Any) -> Any:
        """Return what is for float64, or what is for float32: numbers or polynomials."""

    def round(self, x: Any) -> Any:
        """Return the nearest whole number, of two the even one."""

    def power_of_two(self, k: Any, more: Any) -> Any:
        """Return the power of two of a sum of whole numbers, if that is neither subnormal nor infinite."""

    def exponent(self, x: Any) -> Any:
        """Return the whole number k for which x/2^k is a `mantissa`."""

    def mantissa(self, x: Any) -> Any:
        """Return x/2^k between the roots of 1/2 and 2, for a positive number that is not subnormal."""


# Returns what a value of a function equals, or None where it says nothing of it: ``identity(algebra, *args)``.
Identity: TypeAlias = Callable[..., Any]


@dataclass(frozen=True)
class CheapForm:
    """How a remainder is computed in large sums, to which the digits that it keeps near 0 add nothing.

    Parameters
    ----------
    formula
        ``formula(m, *args)``, as the program takes them.
    least, most
        A sum of terms has an error of at most 8 eps if it is at least so many times `least` and at most `most`.
    """

    formula: Formula
    least: float
    most: float = inf


@dataclass(frozen=True)
class Function:
    """A function of real numbers, or a constant.

    Parameters
    ----------
    name
        What formulas call it, ``m.log(x)``, and the head of its terms.
    title
        The name people use.
    domains
        Where each argument must lie; as many as it has arguments, none for a constant.
    value
        Where its values lie.
    root
        Of an increasing function: the number at which it is 0. Beyond, its values are positive.
    rapid
        Whether it grows as fast as an exponential, so that its value at a large number is too large to compute.
    derivatives
        The partial derivative by each argument, ``formula(m, *args)``; None where there is none everywhere. By default
        none is known.
    identities
        What the kernel may put in its place. ``"algebra"`` is always on, any other by the rule ``function``. They are
        trusted: what one returns must be equal to the function, for all arguments in `domains`.
    style, tex
        How it is written. `tex` is the name, or the letter of a constant.
    spellings
        What people call it in formulas and code, ours among them.
    order_spellings
        Of a function with an order: what people call it where that is 1, 2, ...
    names
        What libraries and languages call it, as code says it: ``{"numpy": "np.log"}``. One that has no name for it is
        absent.
    log_spellings, log_names
        What people and libraries call its logarithm, where they have a word for that, too.
    definition
        Of a function that is an abbreviation: what it stands for, ``definition(m, *args)``. It has the value of that,
        and a meaning where that has one.
    program
        How it is computed in floating point, ``program(m, *args)`` with a `Computation`. By default libraries have it.
    log_program
        How its logarithm is computed.
    vector_program
        The same for compilers, ``vector_program(m, *args)`` with a `VectorComputation`; its error is that of `program`.
        By default `program` is what they get.
    gap
        Of a function of two points whose program takes their difference, the first minus the second, as a third
        argument: the points may be so close that their own difference has lost its digits.
    cheap
        Of a remainder: how it is computed in large sums.
    rounding
        The error of its program, or of that of its logarithm.
    sources
        Where its identities are printed.
    """

    name: str
    title: str
    domains: tuple[Domain, ...]
    value: Domain = Domain.REAL
    root: Fraction | None = None
    rapid: bool = False
    derivatives: tuple[Formula | None, ...] = ()
    identities: Mapping[str, Identity] = field(default_factory=dict)
    style: Style = "prefix"
    tex: str = ""
    spellings: tuple[str, ...] = ()
    order_spellings: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    log_spellings: tuple[str, ...] = ()
    log_names: Mapping[str, str] = field(default_factory=dict)
    definition: Formula | None = None
    program: Formula | None = None
    log_program: Formula | None = None
    vector_program: Formula | None = None
    gap: bool = False
    cheap: CheapForm | None = None
    rounding: Rounding | None = None
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.derivatives:
            object.__setattr__(self, "derivatives", (None,) * self.arity)
        if len(self.derivatives) != len(self.domains):
            raise ValueError(f"{self.name} has {len(self.domains)} arguments and {len(self.derivatives)} derivatives")

    @property
    def arity(self) -> int:
        """How many arguments it takes."""
        return len(self.domains)
