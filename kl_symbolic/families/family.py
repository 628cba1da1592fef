"""What a distribution family is: plain data, without any symbolic or numeric library.

Every formula is a function of a *namespace* ``m``, which has the functions of `kl_symbolic.functions` by name
(``m.log``, ``m.pi``), so that the same line is read as a term, an mpmath number or an array of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar

from kl_symbolic.functions import Domain, Formula


@dataclass(frozen=True)
class Parameter:
    r"""A parameter: its name, domain, meaning, typical range and how it is written.

    ``tex`` and ``power`` say how the symbol is written: a variance is ``\sigma`` to the power 2. A logarithmic
    parameter has ``logarithm=True``: it is written as the logarithm of ``tex`` to ``power``. One that lies ``above``
    another parameter of the same law names that one.
    """

    name: str
    domain: Domain
    meaning: str
    typical: tuple[Fraction, Fraction]
    tex: str
    power: int = 1
    logarithm: bool = False
    above: str | None = None


@dataclass(frozen=True)
class Support:
    """The set on which a density is positive: an open interval, or the whole numbers from one to another.

    Attributes
    ----------
    domain
        Where its points lie, whatever the parameters are; of whole numbers the reference measure counts points.
    lower, upper
        Its ends, a number or a formula ``lower(m, *parameters)``; None where there is no end.
    name
        Of a set that does not depend on parameters: ``reals``.
    """

    domain: Domain
    lower: Formula | int | None = None
    upper: Formula | int | None = None
    name: str = ""

    REALS: ClassVar[Support]
    POSITIVE_REALS: ClassVar[Support]
    NATURALS: ClassVar[Support]

    @property
    def discrete(self) -> bool:
        """Whether the reference measure counts points."""
        return self.domain.integer

    def __str__(self) -> str:
        return self.name.replace("_", " ") or "support"


Support.REALS = Support(Domain.REAL, name="reals")
Support.POSITIVE_REALS = Support(Domain.POSITIVE, 0, name="positive_reals")
Support.NATURALS = Support(Domain.NATURAL, 0, name="naturals")
NAMED_SUPPORTS = {support.name: support for support in (Support.REALS, Support.POSITIVE_REALS, Support.NATURALS)}


@dataclass(frozen=True)
class Moment:
    """An expectation, E[statistic], with its certificate: why it can be proved from the normalisation of a density.

    By *score*, E[weight * d log p / d parameter] = d E[weight] / d parameter, with `weight` free of the parameter. By
    *recognition*, the density is that of a member of another family, where the expectation is known, or the statistic
    times the density is a constant times another density. The engine derives the value and the kernel proves it; only
    where neither serves it is stated here.

    Parameters
    ----------
    name, statistic
        What it is called, and ``statistic(m, x)``.
    parameter, weight
        The score: by which parameter, times what.
    member
        The recognition: ``member(m, *parameters)`` is the name of a family and its default parameters; the statistic
        times the density is a constant times the density of that law.
    where
        Where the expectation is finite, if not for all parameters: ``("alpha > 1",)``.
    value
        Its value, where nothing proves it: ``value(m, *parameters)``. It is not proved then, but computed to many
        digits, and every proof that rests on it says so.
    """

    name: str
    statistic: Formula
    parameter: str = ""
    weight: Formula = lambda m, x: 1
    member: Formula | None = None
    where: tuple[str, ...] = ()
    value: Formula | None = None


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
    title
        What it is in a sentence, where people take it for another power of the same, or its logarithm, or what becomes
        it by softplus, and these for it: ``"scale, which is 1/rate"``. The words before a comma are the `meaning` of
        the parameter that is this power, if there is one.
    second
        Words for it of the second law, whatever it is called of the first: ``q`` beside ``p``.
    """

    of: str
    power: int
    words: tuple[str, ...]
    softplus: tuple[str, ...] = ()
    squared_by_two: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    title: str = ""
    second: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameterisation:
    """Another way to give the parameters: `to_default` maps them to the default ones.

    ``members`` are the parameters of the named members of the family.
    """

    parameters: tuple[Parameter, ...]
    to_default: Formula
    members: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Edge:
    """The divergence where a parameter of P is at the end of its domain, to which the closed form does not reach.

    It is the limit of the closed form there: ``value(m, *parameters)`` with those of both laws.
    """

    parameter: str
    at: int
    value: Formula


@dataclass(frozen=True)
class StableForm:
    """A form of the divergence of two laws that keeps its digits where they are nearly equal.

    It is a sum of terms that are never negative, each 0 only where the laws agree in it: squares, and remainders such
    as `kl_symbolic.functions.itakura_saito`. The kernel proves that it is the closed form.

    Parameters
    ----------
    form
        ``form(m, *parameters)``, those of P first.
    param
        The parameterisation of both laws; of a family that does not know the word, its default.
    partner
        The family of Q; by default that of P.
    gradient
        Its derivatives by all parameters, in their order, where what the rules of calculus make of the form loses
        digits. The kernel proves them too.
    edges
        What the form does not cover.
    """

    form: Formula
    param: str = ""
    partner: str = ""
    gradient: Formula | None = None
    edges: tuple[Edge, ...] = ()


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
        Where the density is positive.
    density
        ``density(m, x, *parameters)``, a formula that is positive wherever x lies in the domain of the support.
    moments
        Expectations that derivations may use, in the order in which they are proved.
    parameterisations
        Other parameterisations by name.
    members
        Named members without parameters: ``{"standard_normal": (0, 1)}``.
    scale
        ``scale(m, *parameters)``: centre and spread, the breakpoints of quadratures.
    stable_forms
        Forms of the divergence that keep their digits, from members of the family to others or to another family.
    sources
        Where the density and its moments are printed.
    aliases
        Other words for the family, in lower case: ``gaussian``. Upper and lower case, and words such as ``diagonal``
        around them, are understood anyway.
    spellings
        What people call the parameters, those of all parameterisations among them.
    letter, last_in_books
        The letter by which books write the law, ``N(mu, sigma^2)``; and the names of the parameters of which the last
        value is one in some books and another one in others.
    joint
        Words for the law of several coordinates with any covariances, in lower case: ``mvn``.
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
    stable_forms: tuple[StableForm, ...] = ()
    sources: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    spellings: tuple[Spelling, ...] = ()
    letter: str = ""
    last_in_books: tuple[str, ...] = ()
    joint: tuple[str, ...] = ()
    objects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def member_in(self, name: str, param: str) -> tuple[int, ...] | None:
        """Return the parameters of a named member in a parameterisation; None where they are not stated."""
        return self.members[name] if param == self.default else self.parameterisations[param].members.get(name)

    def parameters_in(self, param: str) -> tuple[Parameter, ...]:
        """Return the parameters in the parameterisation `param`."""
        return self.parameters if param == self.default else self.parameterisations[param].parameters

    def known_param(self, param: str | None) -> str:
        """Return a parameterisation if the family knows it, and the default otherwise."""
        return param if param is not None and param in self.param_names else self.default

    @property
    def param_names(self) -> tuple[str, ...]:
        """The names of all parameterisations, the default first."""
        return (self.default, *self.parameterisations)

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """The parameters of all parameterisations, each once, those of the default first."""
        return tuple(dict.fromkeys(p for param in self.param_names for p in self.parameters_in(param)))
