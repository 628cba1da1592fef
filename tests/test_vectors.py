"""Test vectors: exact parameters, values of which every digit is right, the same ones everywhere."""

from __future__ import annotations

import csv
import json
import math
import os
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import mpmath
import pytest
from more_laws import COIN, INVERSE_GAMMA, UNIFORM, with_laws

import kl_symbolic
from kl_symbolic import InfiniteDivergenceError, NoClosedFormError, RequestError, WrongTypeError, families
from kl_symbolic.numbers import Bounds, certain_decimals, narrowing_bounds
from kl_symbolic.numbers import enclosures as enclosing
from kl_symbolic.reference.doubles import LEAST_DOUBLE, LEAST_NORMAL, exact_decimals, nearest_double
from kl_symbolic.reference.space import standard_values
from kl_symbolic.reference.values import CertainValues
from kl_symbolic.terms import Number, Symbol, Term

GOLDEN = Path(__file__).with_name("golden") / "vectors.csv"
KINDS = ["ordinary", "near-equal", "edge", "extreme"]

# The formulas once more, by hand, with mpmath; at extreme parameters up to 1200 digits cancel.
mp = mpmath.MPContext()
mp.dps = 1400


def normal(mu_1, sigma_1, mu_2, sigma_2):
    return mp.log(sigma_2 / sigma_1) + (sigma_1**2 + (mu_1 - mu_2) ** 2) / (2 * sigma_2**2) - mp.mpf(1) / 2


def exponential(lambda_1, lambda_2):
    return mp.log(lambda_1 / lambda_2) + lambda_2 / lambda_1 - 1


def poisson(lambda_1, lambda_2):
    return lambda_1 * mp.log(lambda_1 / lambda_2) - lambda_1 + lambda_2


def gamma(alpha_1, beta_1, alpha_2, beta_2):
    shapes = (alpha_1 - alpha_2) * mp.digamma(alpha_1) - mp.loggamma(alpha_1) + mp.loggamma(alpha_2)
    return shapes + alpha_2 * mp.log(beta_1 / beta_2) + alpha_1 * (beta_2 - beta_1) / beta_1


def vae(mu, logvar):
    return (mu**2 + mp.exp(logvar) - 1 - logvar) / 2


REFERENCES = {"normal": normal, "exponential": exponential, "poisson": poisson, "gamma": gamma}


def right(text, reference, digits):
    """Whether decimals are the nearest ones to a number."""
    if reference == 0 or text == "0":
        return text == "0" and reference == 0
    mantissa, _, exponent = text.partition("e")
    places = len(mantissa.lstrip("-").replace(".", ""))
    return places == digits and abs(mp.mpf(text) - reference) <= mp.mpf(10) ** (int(exponent) - digits + 1) * 0.5


def arguments(row):
    return [mp.mpf(value.numerator) / value.denominator for value in row.parameters.values()]


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", REFERENCES)
def test_values_are_right_to_the_last_digit(name):
    made = kl_symbolic.vectors(name, name, count=16)
    assert Counter(row.kind for row in made.rows) == dict.fromkeys(KINDS, 4)
    assert [row for row in made.rows if not right(row.value, _exact_zero(REFERENCES[name](*arguments(row))), 50)] == []


def _exact_zero(value):
    """Return 0 for what is left of it by rounding: no divergence of doubles is so small."""
    return value if abs(value) > mp.mpf(10) ** -700 else mp.mpf(0)


def test_the_comparison_is_able_to_fail():
    third = mp.mpf(1) / 3
    assert right("3.3333e-1", third, 5)
    assert not right("3.3334e-1", third, 5)
    assert not right("3.333e-1", third, 5)
    assert not right("0", third, 5)


def test_the_vae_term_near_the_standard_normal_law():
    made = kl_symbolic.vectors("normal", "standard_normal", param="logvar", count=28)
    assert all(right(row.value, _exact_zero(vae(*arguments(row))), 50) for row in made.rows)
    near = [row for row in made.rows if row.kind == "near-equal"]
    assert all(abs(value) <= Fraction(1, 10) for row in near for value in row.parameters.values())
    assert min(Decimal(row.value) for row in near) < Decimal("1e-28")


def test_the_gradient_is_right():
    made = kl_symbolic.vectors("normal", "normal", count=12, digits=30, gradient=True)
    for row in made.rows:
        mu_1, sigma_1, mu_2, sigma_2 = arguments(row)
        gap = mu_1 - mu_2
        by_hand = {
            "mu_1": gap / sigma_2**2,
            "sigma_1": (sigma_1**2 - sigma_2**2) / (sigma_1 * sigma_2**2),
            "mu_2": -gap / sigma_2**2,
            "sigma_2": (sigma_2**2 - sigma_1**2 - gap**2) / sigma_2**3,
        }
        assert list(row.gradient) == list(by_hand)
        assert all(right(row.gradient[name], _exact_zero(value), 30) for name, value in by_hand.items())


def test_the_gradient_of_gamma_laws_is_right():
    made = kl_symbolic.vectors("gamma", "gamma", count=8, digits=30, gradient=True)
    for row in made.rows:
        alpha_1, beta_1, alpha_2, beta_2 = arguments(row)
        slope = (alpha_1 - alpha_2) * mp.polygamma(1, alpha_1) + (beta_2 - beta_1) / beta_1
        assert right(row.gradient["alpha_1"], _exact_zero(slope), 30)


@pytest.mark.parametrize("name", ["normal", "gamma"])
def test_a_parameter_is_a_double_with_all_its_decimals(name):
    texts = [text for row in kl_symbolic.vectors(name, name, count=40).rows for text in row.decimals.values()]
    assert [text for text in texts if Decimal(text) != Decimal(float(text))] == []
    rounded = [text for text in texts if Decimal(text) != Decimal(repr(float(text)))]
    assert rounded, "what Python prints is the same number for every double here: the test cannot fail"


def test_decimals_of_doubles():
    assert exact_decimals(nearest_double(Fraction(1, 10))) == (
        "0.1000000000000000055511151231257827021181583404541015625"
    )
    assert Fraction(exact_decimals(LEAST_DOUBLE)) == LEAST_DOUBLE
    assert nearest_double(Fraction(10) ** 400) == Fraction(sys.float_info.max)


@pytest.mark.parametrize(
    ("laws", "options"),
    [(("normal", "normal"), {}), (("gamma", "gamma"), {}), (("normal",), {"quantity": "entropy"})],
)
def test_more_digits_say_the_same(laws, options):
    """The digits of 20 are those of 60, rounded."""
    few = kl_symbolic.vectors(*laws, count=40, digits=20, **options)
    many = kl_symbolic.vectors(*laws, count=40, digits=60, **options)
    for one, other in zip(few.rows, many.rows, strict=True):
        assert one.parameters == other.parameters
        shorter = Decimal(f"{Decimal(other.value):.19e}")
        assert Decimal(one.value) == shorter


def test_near_equal_laws_are_near_at_all_distances():
    made = kl_symbolic.vectors("gamma", "gamma", count=112)
    near = [row.parameters for row in made.rows if row.kind == "near-equal"]
    distances = {abs(one["alpha_2"] / one["alpha_1"] - 1) for one in near}
    decades = {math.floor(math.log10(distance)) for distance in distances if distance}
    assert decades >= set(range(-14, -1))
    assert max(distances) <= Fraction(1, 10)


def test_edges_hold_equal_laws_and_ends_of_double_precision():
    made = kl_symbolic.vectors("exponential", "exponential", count=200)
    edges = [row for row in made.rows if row.kind == "edge"]
    equal = [row for row in edges if len(set(row.parameters.values())) == 1]
    assert equal
    assert {row.value for row in equal} == {"0"}
    assert {LEAST_DOUBLE, LEAST_NORMAL, Fraction(1)} <= {value for row in edges for value in row.parameters.values()}


def test_extreme_values_are_normal_numbers_of_double_precision():
    made = kl_symbolic.vectors("normal", "normal", count=200)
    extreme = [row for row in made.rows if row.kind == "extreme"]
    values = [value for row in extreme for value in row.parameters.values()]
    assert max(values) > 10**200
    assert min(map(abs, values)) < Fraction(1, 10**200)
    assert all(sys.float_info.min <= float(row.value) <= sys.float_info.max for row in extreme)


def test_no_vector_is_there_twice():
    rows = kl_symbolic.vectors("exponential", quantity="entropy", count=200).rows
    assert len({tuple(row.parameters.items()) for row in rows}) == len(rows) == 200


def test_what_a_kind_lacks_is_said_and_made_up_by_ordinary_vectors():
    made = kl_symbolic.vectors("exponential", quantity="entropy", count=200)
    counted = Counter(row.kind for row in made.rows)
    assert counted["edge"] < counted["extreme"] < counted["ordinary"]
    assert any(note.startswith(f"{counted['edge']} edge vectors, not ") for note in made.notes)
    assert any(note.startswith("no near-equal vectors: ") for note in made.notes)


@pytest.mark.parametrize(
    ("laws", "options", "reason"),
    [
        (("gamma", "normal"), {}, "no two laws of one family"),
        (("normal", "normal"), {"param_p": "var"}, "no two laws of one family"),
        (("normal(0, s)", "normal(1, 2)"), {}, "given different values"),
        (("normal", "normal"), {"where": "mu_1 = mu_2, sigma_1 = sigma_2"}, "always equal"),
    ],
)
def test_laws_that_are_never_near_have_no_such_vectors(laws, options, reason):
    made = kl_symbolic.vectors(*laws, count=6, **options)
    assert "near-equal" not in {row.kind for row in made.rows}
    assert reason in made.notes[0]
    assert len(made.rows) == 6


def test_laws_without_parameters_have_one_vector():
    made = kl_symbolic.vectors("standard_normal", quantity="entropy")
    assert [dict(row.parameters) for row in made.rows] == [{}]
    assert right(made.rows[0].value, mp.log(2 * mp.pi * mp.e) / 2, 50)


def test_values_in_bits():
    (row,) = kl_symbolic.vectors("exponential", "exponential", count=1, unit="bits").rows
    assert right(row.value, exponential(*arguments(row)) / mp.log(2), 50)


def test_conditions_hold_and_names_are_those_of_the_user():
    made = kl_symbolic.vectors("normal(0, s)", "normal", count=8)
    assert [one.name for one in made.parameters] == ["s", "mu_2", "sigma_2"]
    for row in made.rows:
        sigma, mu_2, sigma_2 = arguments(row)
        assert right(row.value, _exact_zero(normal(0, sigma, mu_2, sigma_2)), 50)
    tied = kl_symbolic.vectors("normal", "normal", where="sigma_1 = sigma_2", count=8)
    assert [list(row.parameters) for row in tied.rows] == [["mu_1", "sigma_1", "mu_2"]] * 8
    bounded = kl_symbolic.vectors("gamma", "gamma", where="alpha_2 > alpha_1, alpha_1 > 7", count=40)
    assert all(7 < row.parameters["alpha_1"] < row.parameters["alpha_2"] for row in bounded.rows)


def test_product_laws():
    made = kl_symbolic.vectors("diagonal_normal", "diagonal_normal", dim=2, count=8, digits=20, gradient=True)
    for row in made.rows:
        columns = zip(*row.parameters.values(), strict=True)
        value = sum(normal(*(mp.mpf(v.numerator) / v.denominator for v in column)) for column in columns)
        assert right(row.value, _exact_zero(value), 20)
        assert [len(row.gradient[name]) for name in row.parameters] == [2] * 4
    assert made.to_csv().splitlines()[0].startswith("kind,mu_1[1],mu_1[2],sigma_1[1],")


def test_a_wide_product_law():
    made = kl_symbolic.vectors("diagonal_exponential", "diagonal_exponential", dim=500, count=4, digits=5)
    assert [row.kind for row in made.rows] == KINDS
    assert made.rows[2].value == "0"


@pytest.mark.parametrize("family", [COIN, INVERSE_GAMMA, UNIFORM], ids=lambda family: family.name)
def test_any_family_has_vectors(family):
    with with_laws(COIN, INVERSE_GAMMA, UNIFORM):
        made = kl_symbolic.vectors(family.name, family.name, count=40)
        assert Counter(row.kind for row in made.rows) == dict.fromkeys(KINDS, 10)
        for row in made.rows:
            for name, value in row.parameters.items():
                record = next(one for one in family.parameters if one.name == name[:-2])
                assert record.domain.has(value)
                if record.above:
                    assert value > row.parameters[record.above + name[-2:]]


def test_the_standard_parameters_in_each_parameterisation():
    member = families.find("standard_normal")
    found = {param: standard_values(member, param) for param in member.family.param_names}
    logarithms = {"logvar", "logstd"}
    assert found == {param: (0, 0 if param in logarithms else 1) for param in member.family.param_names}


# Determinism


def test_the_vectors_are_those_of_the_golden_file():
    """Made by this package once: other numbers for the same seed would be a change that users notice."""
    made = kl_symbolic.vectors("gamma", "exponential", count=9, digits=40, seed=7)
    assert made.to_csv() == GOLDEN.read_text(encoding="utf-8")


def test_nothing_depends_on_the_order_of_hashes():
    program = "import kl_symbolic; print(kl_symbolic.vectors('normal', 'normal', count=40, digits=10).to_json())"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_another_seed_gives_other_vectors():
    first, second = (kl_symbolic.vectors("normal", "normal", count=4, seed=seed) for seed in (0, 1))
    assert {row.value for row in first.rows} & {row.value for row in second.rows} <= {"0"}


@pytest.mark.parametrize(
    ("laws", "param"),
    [
        (("normal", "normal"), None),
        (("exponential", "exponential"), None),
        (("poisson", "poisson"), None),
        (("normal", "standard_normal"), "logvar"),
    ],
)
def test_intervals_of_mpmath_give_the_same_vectors(laws, param, monkeypatch):
    by_arb = kl_symbolic.vectors(*laws, count=24, param=param, gradient=True)
    monkeypatch.setattr(enclosing, "has_arb", lambda: False)
    assert kl_symbolic.vectors(*laws, count=24, param=param, gradient=True) == by_arb


def test_without_flint_what_needs_it_says_so(monkeypatch):
    from kl_symbolic.reference import values

    monkeypatch.setattr(enclosing, "has_arb", lambda: False)
    monkeypatch.setattr(values, "has_arb", lambda: False)
    with pytest.raises(kl_symbolic.MissingProgramError, match=r"digamma.*pip install 'kl_symbolic\[exact\]'"):
        kl_symbolic.vectors("gamma", "gamma", count=1)


# What is not certain is not printed

X, Y = Symbol("x"), Symbol("y")


def test_bounds_that_leave_a_digit_open_give_no_decimals():
    low, high = Fraction(12344, 10**4), Fraction(12346, 10**4)
    assert certain_decimals(Bounds(low, high), 3) == "1.23e+0"
    assert certain_decimals(Bounds(low, high), 4) is None
    assert certain_decimals(Bounds(-low, low), 1) is None
    assert certain_decimals(Bounds(Fraction(0), Fraction(0)), 5) == "0"


def test_a_value_whose_digits_cancel_too_far_is_not_found():
    values = CertainValues(10)
    point = {X: Fraction(1), Y: 1 + Fraction(1, 10**5000)}
    assert values.decimals(Term("exp", X) - Term("exp", Y) + 1, {X: Fraction(1), Y: Fraction(2)}) is not None
    assert values.decimals(Term("exp", X) / Term("exp", Y) - 1, point) is None
    assert values.decimals(Term("exp", X) - Term("exp", Y), {X: Fraction(1), Y: Fraction(1)}) == "0"


def test_a_value_is_0_only_if_that_is_proved():
    """Close to 0 to 3000 digits, with symbols of the same value, and not 0."""
    least = Number(Fraction(1, 10**3000))
    at = {X: Fraction(3), Y: Fraction(3)}
    assert CertainValues(10).decimals(Term("exp", X) - Term("exp", Y) + least, at) is None


@pytest.mark.parametrize("value", [LEAST_NORMAL * 2 / 3, Fraction(10) ** 309])
def test_a_value_that_is_no_normal_double_does_not_count(value):
    values = CertainValues(10)
    assert values.decimals(X, {X: value}) is None
    assert "double precision" in values.reason
    assert values.decimals(X, {X: Fraction(10) ** 308}) is not None


def test_bounds_that_are_not_there_have_a_reason():
    with pytest.raises(kl_symbolic.KLError, match="not positive"):
        list(narrowing_bounds(Term("log", X), {X: Fraction(-1)}, 10))
    values = CertainValues(10)
    assert values.decimals(Term("log", X), {X: Fraction(-1)}) is None
    assert "not positive" in values.reason


# What is refused


@pytest.mark.parametrize(
    ("laws", "options", "error", "message"),
    [
        (("normal", "normal"), {"count": 0}, RequestError, "count must be an integer from 1 to 100000, given: 0"),
        (("normal", "normal"), {"digits": 2001}, RequestError, "digits must be an integer from 1 to 2000"),
        (("normal", "normal"), {"count": 2.0}, WrongTypeError, "count must be an integer, given: 2.0"),
        (("normal", "normal"), {"seed": "a"}, WrongTypeError, "seed must be an integer, given: 'a'"),
        (("normal", "normal"), {"seed": 10**5000}, RequestError, "given: an integer of more than 60 digits"),
        (("normal", "exponential"), {}, InfiniteDivergenceError, "is infinite"),
        (("poisson",), {"quantity": "entropy"}, NoClosedFormError, "no closed form"),
        (("diagonal_normal", "diagonal_normal"), {}, RequestError, "is a symbol; say which one: dim=3"),
        (("diagonal_normal", "diagonal_normal"), {"dim": 1000, "count": 300}, RequestError, "more than 1000000 param"),
        (("normal", "normal"), {"quantity": "gradient"}, RequestError, "of a number, and the gradient .* is none"),
        (("normal",), {"quantity": "score", "of": "mu"}, RequestError, "of a number, and the score is none"),
        (("normal",), {"quantity": "entropy", "gradient": True}, RequestError, "not of the entropy"),
        (("normal(0, s)", "normal"), {"gradient": True}, RequestError, "leave the values out"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(laws, options, error, message):
    with pytest.raises(error, match=message) as caught:
        kl_symbolic.vectors(*laws, **options)
    assert "\n" not in str(caught.value)


# The command line


def test_json_has_its_format_and_all_parameters(command):
    done = command("vectors", "gamma", "normal", "--count", "5", "--digits", "7", "--unit", "bits", "--gradient")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert done.stderr.startswith("kl-symbolic: no near-equal vectors")
    assert (found["format"], found["version"]) == ("kl_symbolic test vectors", 1)
    assert (found["question"], found["unit"], found["digits"], found["seed"]) == (
        "kl(gamma, normal, bits)",
        "bits",
        7,
        0,
    )
    assert found["parameters"][0] == {"name": "alpha_1", "domain": "positive", "meaning": "shape of P"}
    names = [one["name"] for one in found["parameters"]]
    assert [list(one["parameters"]) for one in found["vectors"]] == [names] * 5
    assert [list(one["gradient"]) for one in found["vectors"]] == [names] * 5
    assert len(found["notes"]) == 1


def test_csv_has_the_same_numbers(command, tmp_path):
    place = tmp_path / "vectors.csv"
    done = command("vectors", "normal", "normal", "--count", "8", "--format", "csv", "-o", str(place))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    rows = list(csv.DictReader(place.read_text(encoding="utf-8").splitlines()))
    as_json = json.loads(command("vectors", "normal", "normal", "--count", "8").stdout)["vectors"]
    assert rows == [{"kind": one["kind"], **one["parameters"], "value": one["value"]} for one in as_json]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 2, "name the law P"),
        (("normal", "exponential"), 3, "is infinite"),
        (("normal", "normal", "--digits", "0"), 2, "digits must be an integer from 1 to 2000, given: 0"),
        (("normal", "normal", "--count", "many"), 2, "invalid int value: 'many'"),
        (("normal", "normal", "--format", "xml"), 2, "invalid choice: 'xml'"),
        (("normal", "normal", "--count", "1", "-o", "/no/such/place"), 2, "cannot write /no/such/place"),
    ],
)
def test_errors_of_the_command_are_one_line(command, words, code, message):
    done = command("vectors", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
