"""What a distribution family is: plain data, without any symbolic or numeric library.

Every formula is a function of a *math namespace* ``m`` (``m.log``, ``m.exp``, ``m.sqrt``, ``m.pi``, ``m.factorial``),
so that the same line is read as a symbolic expression, an mpmath number or a NumPy array.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Any

# The one place where values are untyped: a formula accepts whatever its namespace computes with.
Formula = Callable[..., Any]


class Domain(Enum):
    """Where a parameter lives."""

    REAL = "real"
    POSITIVE = "positive"


@dataclass(frozen=True)
class Parameter:
    r"""A parameter: its name, domain, meaning, typical range and how it is written.

    ``tex`` and ``power`` say how the symbol is written: a variance is ``\sigma`` to the power 2. A logarithmic
    parameter has ``logarithm=True``: it is written as the logarithm of ``tex`` to ``power``.
    """

    name: str
    domain: Domain
    meaning: str
    typical: tuple[Fraction, Fraction]
    tex: str
    power: int = 1
    logarithm: bool = False


class Support(Enum):
    """The set on which a density is positive, with respect to Lebesgue or counting measure."""

    REALS = "reals"
    POSITIVE_REALS = "positive_reals"
    NATURALS = "naturals"

    @property
    def discrete(self) -> bool:
        """Whether the reference measure counts points."""
        return self is Support.NATURALS

    def within(self, other: Support) -> bool:
        """Whether a law on this support can be absolutely continuous with respect to one on `other`."""
        return self is other or (self, other) == (Support.POSITIVE_REALS, Support.REALS)

    def reason_not_within(self, other: Support) -> str:
        """Say where a law on this support has mass although one on `other` has none."""
        if self.discrete != other.discrete:
            point = "single points" if self.discrete else "intervals"
            return (
                f"P gives positive probability to {point}{'' if self.discrete else ' without integers'}, Q gives none"
            )
        return "P gives positive probability to x <= 0, where q(x) = 0"


@dataclass(frozen=True)
class Moment:
    """An expectation to be derived from the normalisation: E[statistic], by the score of `parameter` times `weight`.

    The certificate is E[weight * d log p / d parameter] = d E[weight] / d parameter, with `weight` free of the
    parameter. The value is never stated here: the engine derives it and the kernel proves it.
    """

    name: str
    statistic: Formula
    parameter: str
    weight: Formula


@dataclass(frozen=True)
class Parameterisation:
    """Another way to give the parameters: `to_default` maps them to the default ones."""

    parameters: tuple[Parameter, ...]
    to_default: Formula


@dataclass(frozen=True)
class Family:
    """A distribution family.

    Parameters
    ----------
    name, title
        Identifier and the name people use.
    default
        Name of the parameterisation in which `density` is written.
    parameters
        The parameters of the default parameterisation.
    support
        Where the density is positive; it must not depend on the parameters.
    density
        ``density(m, x, *parameters)``.
    moments
        Expectations that derivations may use, in the order in which they are proved.
    parameterisations
        Other parameterisations by name.
    members
        Named members without parameters: ``{"standard_normal": (0, 1)}``.
    scale
        ``scale(m, *parameters)``: centre and spread, the breakpoints of quadratures.
    array_kernels
        Names of the functions of `kl_symbolic.numeric` that compute the divergence of two members, by parameterisation;
        ``"logvar to standard_normal"`` names one that takes the parameters of the first law alone.
    sources
        Where the density and its moments are printed.
    """

    name: str
    title: str
    default: str
    parameters: tuple[Parameter, ...]
    support: Support
    density: Formula
    moments: tuple[Moment, ...]
    scale: Formula
    parameterisations: Mapping[str, Parameterisation] = field(default_factory=dict)
    members: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    array_kernels: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    def parameters_in(self, param: str) -> tuple[Parameter, ...]:
        """Return the parameters in the parameterisation `param`."""
        return self.parameters if param == self.default else self.parameterisations[param].parameters

    @property
    def param_names(self) -> tuple[str, ...]:
        """The names of all parameterisations, the default first."""
        return (self.default, *self.parameterisations)
