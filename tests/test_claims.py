"""Formulas that people wrote: what is right is proved, what is wrong is refuted, what is no formula is refused."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kl_symbolic import derive
from kl_symbolic.claims import check, formula
from kl_symbolic.claims.decision import decide
from kl_symbolic.claims.numbers import Values
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Question
from kl_symbolic.terms import Number

pytestmark = pytest.mark.usefixtures("proved_once")

NORMAL = ("normal", "normal")
RIGHT = {
    "as in a textbook": "log(sigma_2/sigma_1) + (sigma_1**2 + (mu_1 - mu_2)**2)/(2*sigma_2**2) - 1/2",
    "expanded": "ln(sigma_2) - log(sigma_1) + 0.5*(sigma_1/sigma_2)**2 + (mu_1/sigma_2)**2/2 - mu_1*mu_2/sigma_2**2 "
    "+ mu_2**2/(2*sigma_2**2) - 0.5",
    "as a square and a rest": "((mu_1 - mu_2)/sigma_2)**2/2 + (sigma_1**2/sigma_2**2 - 1)/2 "
    "- log(sigma_1**2/sigma_2**2)/2",
    "by exponentials": "exp(log(sigma_1**2) - 2*log(sigma_2))/2 + (mu_2 - mu_1)**2/(2*sqrt(sigma_2)**4) "
    "- log(exp(1/2)*sigma_1/sigma_2)",
    "over one denominator": "(2*sigma_2**2*log(sigma_2/sigma_1) + sigma_1**2 - sigma_2**2 + (mu_2 - mu_1)**2)"
    "/(2*sqrt(sigma_2)**4)",
}
WRONG = {
    "no constant": RIGHT["as in a textbook"].removesuffix(" - 1/2"),
    "a factor": f"2*({RIGHT['as in a textbook']})",
    "a sign": RIGHT["as in a textbook"].replace("log", "-log"),
    "sigma for its square": RIGHT["as in a textbook"].replace("sigma_1**2", "sigma_1"),
    "by 1e-25": f"{RIGHT['as in a textbook']} + 1e-25",
    "right only for equal means": "log(sigma_2/sigma_1) + sigma_1**2/(2*sigma_2**2) - 1/2",
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_is_right_is_proved(text):
    verdict = check(text, *NORMAL)
    assert (verdict.status, verdict.counterexample) == ("proved", None)


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refuted_by_a_point_that_anybody_can_check(text):
    verdict = check(text, *NORMAL)
    assert verdict.status == "refuted"
    with mpmath.workdps(50):
        at = {name: mpmath.mpf(v.numerator) / v.denominator for name, v in verdict.counterexample.parameters}
        names = {**at, "log": mpmath.log, "ln": mpmath.log, "exp": mpmath.exp, "sqrt": mpmath.sqrt, "mpf": mpmath.mpf}
        exact = text.replace("1/2", "mpf(1)/2").replace("1e-25", "mpf(10)**-25")
        right = RIGHT["as in a textbook"].replace("1/2", "mpf(1)/2")
        for written, shown in ((exact, verdict.counterexample.formula), (right, verdict.counterexample.truth)):
            assert abs(eval(written, names) - mpmath.mpf(shown)) <= abs(mpmath.mpf(shown)) * mpmath.mpf(10) ** -29


def test_what_the_kernel_cannot_prove_is_unknown_and_not_right():
    # It takes common factors of the terms inside a logarithm out, and does not look for any other.
    nothing = "log(sigma_1*sigma_2 + sigma_1 + sigma_2 + 1) - log(sigma_1 + 1) - log(sigma_2 + 1)"
    verdict = check(f"{RIGHT['as in a textbook']} + {nothing}", *NORMAL)
    assert verdict.status == "unknown"
    assert verdict.detail.startswith("agrees at 5 of 5 points to 40 digits, but is not proved")


def test_a_formula_without_a_real_value_is_unknown_and_the_verdict_says_so():
    verdict = check("lambda_1*log(-lambda_1/lambda_2) - lambda_1 + lambda_2", "poisson", "poisson")
    assert (verdict.status, verdict.counterexample) == ("unknown", None)
    nowhere = "no real value was found at any of 5 points: no value where -lambda_1/lambda_2 <= 0"
    assert verdict.detail == nowhere


DIAGONAL = ("diagonal_normal", "standard_normal")


@pytest.mark.parametrize(
    ("text", "wrong", "laws", "options"),
    [
        ("-0.5*Sum(1 + logvar[i] - mu[i]**2 - exp(logvar[i]), (i, 1, n))", ("0.5*", ""), DIAGONAL, {"param": "logvar"}),
        (
            "mu[1]**2/2 + var[1]/2 - log(var[1])/2 + mu[2]**2/2 + var[2]/2 - log(var[2])/2 - 1",
            ("var[2]/2", "var[1]/2"),
            DIAGONAL,
            {"param": "var", "dim": 2},
        ),
        ("mu, sigma - 1/sigma", ("1/", "2/"), ("normal", "standard_normal"), {"quantity": "gradient"}),
        ("log(2*pi*sigma**2)/2 + 1/2", ("2*pi", "pi"), ("normal",), {"quantity": "entropy"}),
        ("(lambda_1*log(lambda_1/lambda_2) - lambda_1 + lambda_2)/log(2)", ("/log(2)", ""), ("poisson", "poisson"),
         {"unit": "bits"}),
    ],
)  # fmt: skip
def test_products_gradients_entropies_and_bits(text, wrong, laws, options):
    assert check(text, *laws, **options).status == "proved"
    assert check(text.replace(*wrong), *laws, **options).status == "refuted"


REFUSED = {
    "__import__('os').system('true')": "not part of a formula",
    "mu_1.real": "no parameter 'mu_1.real'",
    "open(mu_1)": "not part of a formula: open",
    "(lambda x: x)(mu_1)": "not a formula",
    "[x for x in mu_1]": "not read: a comprehension in code",
    "mu_1 if mu_2 else 0": "not read: a condition",
    "'mu_1'": "not part of a formula",
    "True": "not part of a formula",
    "1j": "no parameter 'j'",
    "mu_1 // 2": "no operator //",
    "mu_3": "no parameter 'mu_3'; there are mu_1, sigma_1, mu_2, sigma_2",
    "n": "no parameter 'n'",
    "mu_1/0": "divides by zero",
    "mu_1/(1 - 1)": "divides by zero",
    "0**-1": "divides by zero",
    "9**9**9**9": "at most 50 is read",
    "mu_1**1000": "at most 50 is read",
    "1e999": "more than 50 digits",
    "1e50*mu_1**(1e49)": "at most 50 is read",
    "1e50*1e50*mu_1": "more than 50 digits",
    "0**0": "0^0, which has no value",
    "log(": "not a formula",
    "": "not a formula",
    "(" * 99 + "mu_1" + ")" * 99 + "+": "not a formula",
    "-" * 200 + "mu_1": "nested more than 100 deep",
    "(" * 4000 + "mu_1" + ")" * 4000: "not a formula",
    "mu_1 + " * 20_000 + "1": "characters; at most 100000 are read",
    "mu_1, mu_2": "1 formulas are expected, given: 2",
    "mu_1\0": "not a formula",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:30])
def test_what_is_no_formula_is_refused_in_one_line(text):
    with pytest.raises(RequestError) as caught:
        check(text, *NORMAL)
    assert REFUSED[text] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_decimals_are_exact():
    assert formula("0.1 + 0.2", Question("kl", *NORMAL)) == Number(Fraction(3, 10))


@given(st.text(st.sampled_from("0123456789.+-*/()[], eijlmnoxpgsqrtSu_1^\"'\n\\{}=:λσ²µ"), max_size=60))
def test_no_text_does_anything_but_be_read_or_refused(text):
    with suppress(RequestError):
        formula(text, Question("kl", *NORMAL))


LETTERS = st.recursive(
    st.sampled_from(["mu_1", "sigma_1", "mu_2", "sigma_2", "2", "0.5", "pi"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"log({t})"),
        inner.map(lambda t: f"exp({t})"),
        st.tuples(inner, st.integers(-3, 3)).map(lambda t: f"({t[0]})**{t[1]}"),
    ),
    max_leaves=8,
)


@given(LETTERS)
def test_no_formula_that_is_something_else_is_proved(text):
    derivation = derive(*NORMAL)
    with suppress(RequestError):
        assert decide(formula(text, derivation.question), derivation, explain=False).status != "proved"


TOWERS = [
    "exp(exp(exp(exp(mu_1))))",
    "exp(exp(exp(10)))",
    "exp(exp(exp(exp(exp(sigma_1))))) - 1",
    "exp(sigma_1**50)**50",
    "3^(2^(2^34*sigma_1))",
    "sigma_1^(2^(2^34*sigma_1))",
    "2^2^2^2^2^2^2^mu_1",
    "2^" * 40 + "(sigma_1^2)",
    "1/(sigma_1 + " * 40 + "1" + ")" * 40,
    "sqrt(1 + " * 40 + "sigma_1" + ")" * 40,
    "(1-2*" * 97 + "mu_1" + ")^2" * 97,
]


@pytest.mark.sample(6)
@pytest.mark.parametrize("text", TOWERS, ids=lambda text: text[:40])
def test_towers_of_exponentials_need_neither_time_nor_memory(text):
    assert check(text, *NORMAL).status in ("refuted", "unknown")


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    "text",
    [
        "Sum(" + " + ".join(f"mu_1[i]^{k % 50}" for k in range(3_000)) + ", (i, 1, 1000))",
        " + ".join(f"Sum({k}*mu_1[i], (i, 1, 1000))" for k in range(2_000)),
    ],
    ids=["one long sum", "many sums"],
)
def test_sums_that_are_too_long_to_be_written_out_are_left_unknown(text):
    values = Values(Question("kl", "diagonal_normal", "diagonal_normal", dim=1000))
    assert values.at(formula(text, values.question), 0) is None


def test_a_long_formula_that_is_wrong_is_refuted_without_a_diagnosis():
    verdict = check(" + ".join(f"log(sigma_1 + {k})" for k in range(2_000)), *NORMAL)
    assert (verdict.status, verdict.diagnoses) == ("refuted", ())


def test_a_formula_of_a_hundred_coordinates_is_refuted_without_a_diagnosis():
    verdict = check("1", "diagonal_normal", "standard_normal", dim=100)
    assert (verdict.status, verdict.diagnoses) == ("refuted", ())


def test_of_many_sides_that_are_wrong_the_first_one_is_explained():
    sides = " = ".join(f"mu_1 + {k}" for k in range(15))
    verdict = check(f"KL = {sides}", *NORMAL)
    assert [side.status for side in verdict.sides] == ["refuted"] * 15
    assert verdict.detail.startswith("side 2 of 16, mu_1 + 0: at mu_1 = ")


def test_a_verdict_says_the_same_of_the_term_that_it_read():
    verdict = check(WRONG["a sign"], *NORMAL)
    again = check(verdict.formula, *NORMAL)
    assert (again.formula, again.detail, again.diagnoses) == (verdict.formula, verdict.detail, verdict.diagnoses)
