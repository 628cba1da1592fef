"""What a distribution family is: plain data, without any symbolic or numeric library.

Every formula is a function of a *namespace* ``m``, which has the functions of `kl_symbolic.functions` by name
(``m.log``, ``m.pi``), so that the same line is read as a term, an mpmath number or an array of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from kl_symbolic.functions import Domain, Formula


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


class Containment(Enum):
    """Whether P, on one support, gives probability only to sets to which Q, on another, gives some too.

    `INSIDE` says that it does, `OUTSIDE` that it certainly does not. `DEPENDS` says that neither is known: then no
    divergence is claimed, neither a formula nor infinity.
    """

    INSIDE = "inside"
    OUTSIDE = "outside"
    DEPENDS = "depends"

    def __bool__(self) -> bool:
        """Refuse to take one of three answers for one of two."""
        raise TypeError("a containment has three values; compare it with one of them")


class Support(Enum):
    """The set on which a density is positive, with respect to Lebesgue or counting measure."""

    REALS = "reals"
    POSITIVE_REALS = "positive_reals"
    NATURALS = "naturals"

    @property
    def discrete(self) -> bool:
        """Whether the reference measure counts points."""
        return self is Support.NATURALS

    def within(self, other: Support) -> Containment:
        """Say whether a law on this support is absolutely continuous with respect to every law on `other`."""
        if self is other or (self, other) in INSIDE:
            return Containment.INSIDE
        return Containment.OUTSIDE if (self, other) in OUTSIDE else Containment.DEPENDS

    def reason_not_within(self, other: Support) -> str:
        """Say where P, on this support, has mass although Q, on `other`, has none; or that this is not known."""
        match self.within(other):
            case Containment.INSIDE:
                return "nowhere does P give positive probability where Q gives none"
            case Containment.OUTSIDE:
                return f"P gives positive probability to {OUTSIDE[self, other]}"
            case Containment.DEPENDS:
                return f"it is not known whether Q, on the {other}, has mass wherever P, on the {self}, has some"

    def __str__(self) -> str:
        return self.value.replace("_", " ")


# What is known of two different supports: only what stands here is claimed. `OUTSIDE` says where P has mass and Q none.
INSIDE = frozenset({(Support.POSITIVE_REALS, Support.REALS)})
OUTSIDE = {
    (Support.REALS, Support.POSITIVE_REALS): "x <= 0, where q(x) = 0",
    (Support.REALS, Support.NATURALS): "intervals without integers, Q gives none",
    (Support.POSITIVE_REALS, Support.NATURALS): "intervals without integers, Q gives none",
    (Support.NATURALS, Support.REALS): "single points, Q gives none",
    (Support.NATURALS, Support.POSITIVE_REALS): "single points, Q gives none",
}


@dataclass(frozen=True)
class Moment:
    """An expectation, E[statistic], with its certificate: why it can be proved from the normalisation of a density.

    By *score*, E[weight * d log p / d parameter] = d E[weight] / d parameter, with `weight` free of the parameter. By
    *recognition*, the density is that of a member of another family, where the expectation is known. The value is never
    stated here: the engine derives it and the kernel proves it.

    Parameters
    ----------
    name, statistic
        What it is called, and ``statistic(m, x)``.
    parameter, weight
        The score: by which parameter, times what.
    member
        The recognition: ``member(m, *parameters)`` is the name of the other family and its default parameters.
    """

    name: str
    statistic: Formula
    parameter: str = ""
    weight: Formula = lambda m, x: 1
    member: Formula | None = None


@dataclass(frozen=True)
class Spelling:
    """What people call a power of something: standard deviation and variance are powers of the spread.

    Its logarithm and its square are spelled with ``log`` before and ``sq`` behind these words, ``log_sigma_sq``, and
    need no words of their own.

    Parameters
    ----------
    of
        What it is a power of; a word for people.
    power
        Which power.
    words
        In lower case, but for ``capital-s``. A word may stand in two spellings, and is then refused as ambiguous.
    softplus
        Words for what becomes it by softplus, x to log(1 + e^x).
    squared_by_two
        Words that with a 2 are the square: ``sigma2``, where no 2 numbers the laws.
    letters
        Letters for it, whatever they are otherwise, where a formula is asked for in it and never squares them: with
        ``param="var"``, ``log s`` has the variance.
    """

    of: str
    power: int
    words: tuple[str, ...]
    softplus: tuple[str, ...] = ()
    squared_by_two: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()


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
    aliases
        Other words for the family, in lower case: ``gaussian``. Upper and lower case, and words such as ``diagonal``
        around them, are understood anyway.
    spellings
        What people call the parameters, those of all parameterisations among them.
    objects
        How libraries say the law: by library, the name of its class and what it calls the default parameters, in their
        order; ``1/scale`` is one over what it calls scale.
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
    aliases: tuple[str, ...] = ()
    spellings: tuple[Spelling, ...] = ()
    objects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def parameters_in(self, param: str) -> tuple[Parameter, ...]:
        """Return the parameters in the parameterisation `param`."""
        return self.parameters if param == self.default else self.parameterisations[param].parameters

    @property
    def param_names(self) -> tuple[str, ...]:
        """The names of all parameterisations, the default first."""
        return (self.default, *self.parameterisations)

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """The parameters of all parameterisations, each once, those of the default first."""
        return tuple(dict.fromkeys(p for param in self.param_names for p in self.parameters_in(param)))
