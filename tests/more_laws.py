"""Laws that the package does not have, each as the one file that it would be: what the general rules need is in them.

An inverse gamma law has a mean for some parameters only; the support of a uniform law depends on its parameters, that
of a coin is finite. Some that come last are none, each for one reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

from kl_symbolic import families
from kl_symbolic.engine import derive, derive_as_asked
from kl_symbolic.families import Family, Member, Moment, Parameter, Support
from kl_symbolic.functions import Domain, Formula
from kl_symbolic.kernel.form import has_positive_density
from kl_symbolic.kernel.unfolding import generic_density
from kl_symbolic.reading.aliases import _aliases
from kl_symbolic.reading.spelling import _spelled, _vocabulary

REMEMBERED = (derive, derive_as_asked, generic_density, has_positive_density, _aliases, _spelled, _vocabulary)
HALF, FOUR = Fraction(1, 2), Fraction(4)
SHAPE = Parameter("alpha", Domain.POSITIVE, "shape", (HALF, Fraction(6)), r"\alpha")
SCALE = Parameter("beta", Domain.POSITIVE, "scale", (Fraction(1, 4), FOUR), r"\beta")

INVERSE_GAMMA = Family(
    name="inverse_gamma",
    title="inverse gamma distribution",
    default="scale",
    parameters=(SHAPE, SCALE),
    support=Support.POSITIVE_REALS,
    density=lambda m, x, shape, scale: scale**shape / m.gamma(shape) * x ** (-shape - 1) * m.exp(-scale / x),
    moments=(
        Moment("inverse_mean", statistic=lambda m, x: 1 / x, parameter="beta"),
        Moment("log_mean", statistic=lambda m, x: m.log(x), parameter="alpha"),
        Moment(
            "mean",
            statistic=lambda m, x: x,
            member=lambda m, shape, scale: ("inverse_gamma", (shape - 1, scale)),
            where=("alpha > 1",),
        ),
    ),
    scale=lambda m, shape, scale: (scale / (shape + 1), scale / (shape + 1)),
)

UNIFORM = Family(
    name="uniform",
    title="uniform distribution",
    default="ends",
    parameters=(
        Parameter("a", Domain.REAL, "lower end", (Fraction(-3), Fraction(1)), "a"),
        Parameter("b", Domain.REAL, "upper end", (Fraction(2), Fraction(6)), "b", above="a"),
    ),
    support=Support(Domain.REAL, lambda m, a, b: a, lambda m, a, b: b),
    density=lambda m, x, a, b: 1 / (b - a),
    moments=(),
    scale=lambda m, a, b: ((a + b) / 2, b - a),
)

COIN = replace(  # a Bernoulli law of which no more is said than the general rules need
    families.find("bernoulli").family,
    name="coin",
    title="coin",
    parameterisations={},
    stable_forms=(),
    aliases=(),
    spellings=(),
    objects={},
)


def small_law(name: str, domains: dict[str, Domain], support: Support, density: Formula) -> Family:
    """Return a law of which nothing is known but its density."""
    parameters = tuple(Parameter(one, domain, one, (HALF, FOUR), one) for one, domain in domains.items())
    return Family(name, name, "default", parameters, support, density, (), lambda m, *given: (given[0], 1))


# Its formula is negative beyond its support, which depends on the parameter.
TRIANGULAR = small_law(
    "triangular",
    {"b": Domain.POSITIVE},
    Support(Domain.POSITIVE, 0, lambda m, b: b),
    lambda m, x, b: 2 * (b - x) / b**2,
)
# Its formula is negative where it is no density.
RAYLEIGH = small_law(
    "rayleigh",
    {"sigma": Domain.POSITIVE},
    Support.POSITIVE_REALS,
    lambda m, x, s: x / s**2 * m.exp(-(x**2) / (2 * s**2)),
)
# Its last point is no whole number, so two of them may have the same points.
BROKEN_STEPS = small_law(
    "broken_steps", {"r": Domain.REAL}, Support(Domain.NATURAL, 0, lambda m, r: r**2), lambda m, k, r: 1 / (1 + r**2)
)
# Its points do not lie in the domain of its variable.
MISPLACED = small_law(
    "misplaced",
    {"c": Domain.REAL},
    Support(Domain.POSITIVE, lambda m, c: c, lambda m, c: c + 1),
    lambda m, x, c: 1 + 0 * (x + c),
)
UNENDED = small_law(
    "unended", {"c": Domain.POSITIVE}, Support(Domain.POSITIVE, None, lambda m, c: c), lambda m, x, c: 1 / c
)
PARETO = small_law(
    "pareto",
    {"m": Domain.POSITIVE, "alpha": Domain.POSITIVE},
    Support(Domain.POSITIVE, lambda m, low, shape: low),
    lambda m, x, low, shape: shape * low**shape * x ** (-shape - 1),
)
STATED = replace(
    INVERSE_GAMMA,
    name="stated",
    moments=(
        *INVERSE_GAMMA.moments[:2],
        Moment("mean", lambda m, x: x, where=("alpha > 1",), value=lambda m, s, c: c / (s - 1)),
    ),
)


@contextmanager
def with_laws(*laws: Family) -> Iterator[None]:
    """Have some laws for a while, as if their files were there."""
    known, members = families.all_families(), families._members()
    before = dict(known), dict(members)
    for law in laws:
        known[law.name] = law
        members[law.name] = Member(law.name, law)
        members[f"diagonal_{law.name}"] = Member(f"diagonal_{law.name}", law, product=True)
    _forget()
    try:
        yield
    finally:
        for table, kept in zip((known, members), before, strict=True):
            table.clear()
            table.update(kept)
        _forget()


def _forget() -> None:
    for function in REMEMBERED:
        function.cache_clear()
