"""The names of laws as people say them: gaussian, Normal, N, exp, diag_normal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from kl_symbolic.arguments import given
from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.families import PRODUCT_PREFIX, all_families, names, unknown

# Words beside the name of a family, and what our names have in their place.
PRODUCT = PRODUCT_PREFIX.removesuffix("_")
WORDS: Mapping[str, str] = {
    **dict.fromkeys(("diag", "independent", "product", "factorized", "factorised"), PRODUCT),
    **dict.fromkeys(("std", "unit"), "standard"),
    **dict.fromkeys(("distribution", "univariate"), ""),
}
# Well-known laws that are no misspelling of one of ours; those that have become families are found before.
ELSEWHERE = frozenset(
    """beta binomial categorical cauchy chi2 chi_squared dirac dirichlet discrete erlang gamma geometric
    gumbel half_normal inverse_gamma inverse_gaussian laplace log_normal lognormal logistic multinomial
    negative_binomial pareto rayleigh student student_t t truncated_normal uniform von_mises weibull wishart""".split()  # noqa: SIM905
)
MIXTURE = (
    "no closed form for a mixture: KL(P || Q) is bounded, by convexity KL(sum w_i P_i || Q) <= sum w_i KL(P_i || Q), "
    "or estimated by the mean of log p(x) - log q(x) over samples x of P"
)
FULL = "covariances are not in the catalogue; where the coordinates are independent, take "


def canonical(name: str) -> str:
    """Return our name of a law.

    Raises
    ------
    NoClosedFormError
        If there is no such law; the message suggests the nearest names.

    Examples
    --------
    >>> canonical("Gaussian"), canonical("N"), canonical("StandardNormal"), canonical("exp"), canonical("gaussian_diag")
    ('normal', 'normal', 'standard_normal', 'exponential', 'diagonal_normal')
    >>> canonical("gausian")
    Traceback (most recent call last):
        ...
    kl_symbolic.errors.NoClosedFormError: unknown family 'gausian'; did you mean gaussian (normal)?
    """
    found = _known(_words(name))
    if found is None:
        raise NoClosedFormError(_refusal(name))
    return found


def _words(name: str) -> list[str]:
    """Return the words of a name: StandardNormal has two."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[\s_-]+", apart.lower()) if word]


@cache
def _aliases() -> dict[str, str]:
    return {alias: family.name for family in all_families().values() for alias in family.aliases}


def _known(words: list[str]) -> str | None:
    aliases = _aliases()
    said = [found for word in words if (found := WORDS.get(word, aliases.get(word, word)))]
    if PRODUCT in said:  # it may stand behind, and then says more than this
        said = [PRODUCT, *(word for word in said if word not in (PRODUCT, "multivariate"))]
    one = "_".join(said)
    return one if one in names() else None


def _refusal(name: str) -> str:
    words = _words(name)
    whole = "_".join(words)
    if {"mixture", "gmm", "mog"} & set(words):
        return f"{MIXTURE}; given: {given(name)}"
    without = _known([PRODUCT, *(word for word in words if word != "multivariate")])
    joint = {word: PRODUCT_PREFIX + family.name for family in all_families().values() for word in family.joint}
    if ("multivariate" in words or whole in joint) and PRODUCT not in words:
        instead = without or joint.get(whole) or next(iter(joint.values()))
        return f"{FULL}{instead}; given: {given(name)}"
    if whole.removeprefix(PRODUCT_PREFIX) in ELSEWHERE:
        return f"{given(name)} is not in the catalogue; there are {', '.join(names())}"
    longer = {alias: ours for alias, ours in _aliases().items() if len(alias) > 1}
    return unknown(name, whole, {one: one for one in names()} | longer)
