"""What the kernel sees to be positive, and what it must not."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from kl_symbolic.functions import Domain
from kl_symbolic.kernel import has_value
from kl_symbolic.kernel.arithmetic import Arithmetic
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.rules import ALGEBRA
from kl_symbolic.terms import Array, Namespace, Number, Symbol

M = Namespace()
x, y = Symbol("x"), Symbol("y")
c, d = Symbol("c", Domain.POSITIVE), Symbol("d", Domain.POSITIVE)
p, q = Symbol("p", Domain.UNIT), Symbol("q", Domain.UNIT)
above_one = Symbol("alpha", Domain.POSITIVE, above=Number(1))
above_half = Symbol("nu", Domain.POSITIVE, above=Number(Fraction(1, 2)))
a = Symbol("a")
b = Symbol("b", above=a)
e = Symbol("e", above=b)
n = Symbol("i", Domain.INDEX)
ps = Array(p)


def reader():
    return Canon(ALGEBRA, {}, Arithmetic())


def form(term):
    return reader().read(term)


def is_positive(poly):
    return reader().is_positive(poly)


def is_nonnegative(poly):
    return reader().is_nonnegative(poly)


POSITIVE = {
    "a difference of a symbol and its bound": above_one - 1,
    "a multiple of it": 3 * above_one - 3,
    "a square of it": above_one**2 - above_one,
    "what is above a half, twice": 2 * above_half - 1,
    "a difference of two symbols": b - a,
    "a chain of bounds": e - a,
    "two differences": (e - b) * (b - a),
    "one minus a probability": 1 - p,
    "two of them": 1 - p * q,
    "p (1 - p)": p - p**2,
    "a probability over the other": 1 + p / (1 - p),
    "a denominator that has to be cleared": 1 + (p - q) / (1 - p),
    "a cube of a probability": 1 - p**3,
    "one coordinate of probabilities": 1 - ps[n],
    "a definite quadratic": x**2 + x + 1,
    "a square beside a positive number": (x - y) ** 2 + c,
    "a square of a difference and a square": c**2 + (x - y) ** 2,
    "a quadratic by its discriminant": 2 * x**2 - 2 * x * y + y**2 + 1,
}
NOT_SHOWN = {
    "a difference the other way round": 1 - above_one,
    "a bound that is too low": above_one - 2,
    "a bound of another symbol": above_half - 1,
    "the lower of two": a - b,
    "the bound itself": a,
    "a symbol above one that may be negative": b,
    "half a chain": e - 2 * b + a,
    "a probability and a half": Number(Fraction(1, 2)) - p,
    "two probabilities": p - q,
    "one minus two of them": 1 - p - q,
    "a quadratic with real zeros": x**2 + 3 * x + 1,
    "a quadratic with one real zero": x**2 + 2 * x + 1,
    "a quadratic that opens down": 1 - x - x**2,
    "a square alone": (x - y) ** 2,
    "a difference of positive things": c - d,
    "a product of two real things": x * y + 1,
}


@pytest.mark.parametrize("case", POSITIVE)
def test_it_is_seen(case):
    assert is_positive(form(POSITIVE[case]))


@pytest.mark.parametrize("case", NOT_SHOWN)
def test_it_is_not_seen(case):
    assert not is_positive(form(NOT_SHOWN[case]))


@pytest.mark.parametrize("case", ["a square alone", "a quadratic with one real zero"])
def test_a_square_is_not_negative(case):
    assert is_nonnegative(form(NOT_SHOWN[case]))


def drawn(symbol, values, draw):
    """Return a value of a symbol that its domain and its bound allow."""
    if symbol not in values:
        if symbol.domain is Domain.UNIT:
            values[symbol] = Fraction(draw.randint(1, 99), 100)
        elif symbol.above is not None:
            low = symbol.above.value if isinstance(symbol.above, Number) else drawn(symbol.above, values, draw)
            values[symbol] = low + Fraction(draw.randint(1, 200), draw.choice((10, 10_000)))
        else:
            size = Fraction(draw.randint(1, 300), draw.choice((10, 1000)))
            values[symbol] = size if symbol.domain.positive or draw.random() < 0.5 else -size
    return values[symbol]


def value(term, values, draw):
    """Return the exact value of a rational term."""
    match term.head:
        case "Number":
            return term.value
        case "Symbol":
            return drawn(term, values, draw)
        case "Add":
            return sum(value(t, values, draw) for t in term.args)
        case "Mul":
            product = Fraction(1)
            for t in term.args:
                product *= value(t, values, draw)
            return product
    return value(term.args[0], values, draw) ** int(value(term.args[1], values, draw))


def test_what_is_seen_is_true():
    """Random polynomials: whatever is called positive is positive wherever it is looked at."""
    draw = random.Random(1)
    symbols = (x, y, c, p, q, above_one, above_half, a, b, e)
    seen = 0
    for _ in range(3000):
        some = draw.sample(symbols, 3)
        terms = []
        for _ in range(draw.randint(2, 4)):
            factors = [draw.choice(some) for _ in range(draw.randint(0, 2))]
            term = Number(draw.choice((-2, -1, 1, 1, 2, 3)))
            for factor in factors:
                term = term * factor
            terms.append(term)
        whole = sum(terms[1:], terms[0])
        if is_positive(form(whole)):
            seen += 1
            assert all(value(whole, {}, draw) > 0 for _ in range(20)), str(whole)
    assert seen > 200


def test_bounds_give_logarithms_and_powers_a_meaning():
    assert has_value(M.log(1 - p) + M.log(b - a) + M.sqrt(above_one - 1))
    assert not has_value(M.log(p - q))
    assert not has_value(M.log(a - b))


def test_a_quotient_of_probabilities_has_a_logarithm():
    assert has_value(M.log(1 + (p - q) / (1 - p)))


def test_a_bound_that_varies_means_nothing():
    from kl_symbolic.families import Support
    from kl_symbolic.proof.supports import variable

    over = Symbol("over", above=variable(Support.REALS))
    assert not has_value(M.log(over - variable(Support.REALS)))
    assert not has_value(M.sqrt(Symbol("further", above=over) - over))


def test_a_fractional_power_of_a_sum_is_not_multiplied_out():
    assert not is_positive(form(M.sqrt(c + d) * (c - d) + c / (c + d)))


def test_a_large_exponent_is_refused():
    assert not has_value(c ** (x + 10**9))
    assert not has_value(Number(3) ** (x + 10**6))


def test_many_squares_are_not_tried_in_every_order():
    many = [Symbol(f"x_{k}") for k in range(12)]
    assert not is_positive(form(sum((s**2 for s in many), many[0] * many[1]) - 1))


def test_the_work_is_bounded():
    many = [Symbol(f"s_{k}", Domain.POSITIVE, above=Number(1)) for k in range(12)]
    product = Number(1)
    for symbol in many:
        product = product * (symbol - 1)
    assert not is_positive(form(product - 1))
