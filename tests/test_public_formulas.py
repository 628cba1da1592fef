"""Formulas and lines of code that people wrote in public: each is read, and judged as quadrature judges it.

A row of the tables holds the address (empty where none is known), the formula as it was typed, what it is asked about,
the verdict that it gets, and its value, transcribed by hand into mpmath. The value is that of one coordinate; where
a formula for product laws is no sum of such, `mpmath2` is its value for two, whose parameters are pairs. `why` is a
pattern that a refusal must show. Nothing here uses the closed forms of the package.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import mpmath
import pytest

from kl_symbolic import check
from kl_symbolic.errors import RequestError

pytestmark = pytest.mark.usefixtures("proved_once")

DIGITS = 30
TOLERANCE = mpmath.mpf(10) ** -20

COORDINATES = {
    "normal": [{"mu": "0.7", "sigma": "1.3"}, {"mu": "-0.4", "sigma": "0.6"}, {"mu": "0.2", "sigma": "1.9"}],
    "exponential": [{"lambda": "1.3"}, {"lambda": "0.6"}, {"lambda": "2.1"}],
    "poisson": [{"lambda": "1.3"}, {"lambda": "0.6"}, {"lambda": "2.1"}],
}
POINTS = [(0, 1), (1, 2), (2, 0)]  # which of these are P and Q


class Row(NamedTuple):
    """One formula of a table."""

    address: str
    input: str
    p: str
    q: str | None
    options: dict[str, object]
    expected: str
    why: str = ""
    mpmath: str = ""
    mpmath2: str = ""

    @property
    def family(self) -> str:
        return self.p.removeprefix("diagonal_")

    @property
    def quantity(self) -> str:
        return str(self.options.get("quantity", "kl"))


def table(name: str) -> list[Row]:
    return [Row(**row) for row in json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))]


PUBLIC, REPORTED = table("public_formulas.json"), table("reported_formulas.json")


def named(rows: list[Row]) -> Iterator[object]:
    for number, row in enumerate(rows):
        _, _, host, *path = (row.address or "//code").split("/")  # of some code no address is known
        place = path[1] if host == "github.com" else host
        yield pytest.param((row.p, row.q), row.expected, row, id=f"{number}-{place}")


rows = pytest.mark.parametrize(("laws", "expected", "row"), list(named(PUBLIC + REPORTED)))


@rows
def test_the_verdict_is_the_one_that_quadrature_gives(laws, expected, row):
    if row.mpmath:
        right = all(agrees(row, laws[1], p, q) for p, q in POINTS)
        assert right == (expected == "proved")
    else:
        assert expected in {"refused", "unknown"}


@rows
@pytest.mark.sample(24)
def test_every_formula_gets_its_verdict(laws, expected, row):
    if expected == "refused":
        with pytest.raises(RequestError, match=row.why):
            check(row.input, *laws, **row.options)
    else:
        assert check(row.input, *laws, **row.options).status == expected


def test_most_of_what_people_write_is_read():
    refused = sum(row.expected == "refused" for row in PUBLIC + REPORTED)
    assert refused <= 0.05 * len(PUBLIC + REPORTED)


def test_every_formula_is_in_the_table_once():
    inputs = {(row.input, row.p, row.q) for row in PUBLIC}
    assert len(inputs) == len(PUBLIC)
    assert all(len(row.input) <= 450 for row in PUBLIC)


def agrees(row: Row, of: str | None, p: int, q: int) -> bool:
    with mpmath.workdps(DIGITS):
        one = close(value(row.mpmath, names(row, of, p, q)), truth(row.quantity, row.family, of, p, q))
        if not row.mpmath2:
            return one
        first, second = names(row, of, p, q), names(row, of, q, p)
        pairs = {name: (first[name], second[name]) for name in first}
        both = truth(row.quantity, row.family, of, p, q) + truth(row.quantity, row.family, of, q, p)
        return one and close(value(row.mpmath2, pairs), both)


def value(expression: str, parameters: dict[str, object]) -> mpmath.mpf:
    return eval(expression, {"m": mpmath, "sum": sum, **parameters})


def close(given: mpmath.mpf, true: mpmath.mpf) -> bool:
    return abs(given - true) <= TOLERANCE * (1 + abs(true))


def names(row: Row, of: str | None, p: int, q: int) -> dict[str, mpmath.mpf]:
    """Return the parameters of one coordinate by the names that they have in the table."""
    first, second = (parameters(row.family, which) for which in (p, q))
    if of in {None, "standard_normal"}:
        return first | {f"{name}_1": x for name, x in first.items()}
    return {f"{name}_{k}": x for k, law in ((1, first), (2, second)) for name, x in law.items()}


def parameters(family: str, which: int) -> dict[str, mpmath.mpf]:
    return {name: mpmath.mpf(text) for name, text in COORDINATES[family][which].items()}


@cache
def truth(quantity: str, family: str, of: str | None, p: int, q: int) -> mpmath.mpf:
    """Integrate, or sum, the definition."""
    log_p = log_density(family, **parameters(family, p))
    standard = {"mu": mpmath.mpf(0), "sigma": mpmath.mpf(1)}
    log_q = log_density(family, **(standard if of == "standard_normal" else parameters(family, q)))

    def integrand(x: mpmath.mpf) -> mpmath.mpf:
        information = -log_q(x) if quantity == "cross_entropy" else -log_p(x)
        return mpmath.exp(log_p(x)) * (log_p(x) - log_q(x) if quantity == "kl" else information)

    if family == "poisson":
        return mpmath.fsum(integrand(mpmath.mpf(k)) for k in range(80))
    if family == "exponential":
        (rate,) = parameters(family, p).values()
        return mpmath.quad(integrand, [x / rate for x in (0, 10, 40, 80)])
    mu, sigma = parameters(family, p).values()
    return mpmath.quad(integrand, [mu - 13 * sigma, mu, mu + 13 * sigma])


def log_density(family: str, **law: mpmath.mpf) -> Callable[[mpmath.mpf], mpmath.mpf]:
    if family == "normal":
        mu, sigma = law.values()
        precision, norm = 1 / (2 * sigma**2), mpmath.log(sigma * mpmath.sqrt(2 * mpmath.pi))
        return lambda x: -precision * (x - mu) ** 2 - norm
    (rate,) = law.values()
    log_rate = mpmath.log(rate)
    if family == "exponential":
        return lambda x: log_rate - rate * x
    return lambda k: k * log_rate - rate - mpmath.loggamma(k + 1)
