"""Closed forms as functions of numbers: every route gives the same number, whatever is given, or one line refuses."""

from __future__ import annotations

import copy
import math
import pickle
import threading
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from more_laws import COIN, UNIFORM, with_laws

from kl_symbolic import KLError, RequestError, closed_form
from kl_symbolic.families import all_families, find
from kl_symbolic.functions import Domain
from kl_symbolic.terms.sympy.defined import sympy_function

EPS = np.finfo(np.float64).eps
PAIRS = [
    (name, other, param)
    for name, family in all_families().items()
    for other in (name, *family.members)
    for param in family.param_names
]
NORMAL = closed_form("normal", "normal")
VAR = closed_form("normal", "normal", param="var")
POISSON = closed_form("poisson", "poisson")
DIAGONAL = closed_form("diagonal_normal", "diagonal_normal")
AT = {"mu_1": 0, "sigma_1": 1, "mu_2": 1, "sigma_2": 2}
NEAR = {"mu_1": 0.5, "sigma_1": 1.0, "mu_2": 0.5 + 1e-9, "sigma_2": 1 + 1e-9}
POSITIVE = st.floats(1e-300, 1e300)
ANY = st.floats(-1e300, 1e300)


def by_hand(mu_1, sigma_1, mu_2, sigma_2):
    """Johnson, Kotz and Balakrishnan, eq. (13.1), put into E[log p - log q]."""
    return mpmath.log(sigma_2 / sigma_1) + (sigma_1**2 + (mu_1 - mu_2) ** 2) / (2 * sigma_2**2) - mpmath.mpf(1) / 2


def ordinary_point(form, k=0):
    """Return some numbers for the parameters of a closed form, those of Q near those of P."""
    records = form._computed.records
    return {
        name: float(sum(record.typical)) / 2 + (0.125 if record.domain is Domain.REAL else 0) + 1e-9 * i + k / 16
        for i, (name, record) in enumerate(records.items())
    }


@pytest.mark.parametrize(("p", "q", "param"), PAIRS)
def test_all_routes_give_one_number(p, q, param):
    form = closed_form(p, q, param=param)
    point = ordinary_point(form)
    exact = form.evaluate(30, **point)
    assert float(form(**point)) == pytest.approx(float(exact), rel=form.error_bound[0].eps * EPS)
    assert exact >= 0
    assert float(form.expr.subs({k: sympy.Rational(v) for k, v in point.items()}).evalf(20)) == pytest.approx(
        float(exact), rel=1e-15
    )
    if form.stable is not None:
        assert float(form.stable.subs(point).evalf(20)) == pytest.approx(float(exact), rel=1e-15)


@pytest.mark.parametrize(("p", "q", "param"), PAIRS)
def test_a_gradient_is_that_of_the_values(p, q, param):
    form = closed_form(p, q, param=param)
    point = {name: Fraction(value) for name, value in ordinary_point(form).items()}
    step = Fraction(1, 10**20)
    found = form.gradient().evaluate(20, **point)
    for name, slope in zip(form.parameters, found, strict=True):
        above, below = (form.evaluate(70, **point | {name: point[name] + h}) for h in (step, -step))
        with mpmath.workdps(70):
            assert abs((above - below) / (2 * mpmath.mpf(10) ** -20) - slope) < 1e-18 * (1 + abs(slope))


@pytest.mark.parametrize("digits", [1, 15, 50, 300])
def test_values_have_all_their_digits(digits):
    with mpmath.workdps(2 * digits + 60):
        numbers = [mpmath.mpf(n) / d for n, d in ((1, 10), (1, 3), (1, 7), (2, 3))]
        wanted = by_hand(*numbers)
    found = NORMAL.evaluate(digits, mu_1="0.1", sigma_1="1/3", mu_2=Fraction(1, 7), sigma_2=Fraction(2, 3))
    with mpmath.workdps(2 * digits + 60):
        assert abs(found - wanted) <= abs(wanted) * mpmath.mpf(10) ** (1 - digits)


def test_two_thousand_digits_of_a_value_that_cancels():
    found = NORMAL.evaluate(2000, mu_1=0, sigma_1=1, mu_2=0, sigma_2=1 + Fraction(1, 10**300))
    with mpmath.workdps(3000):
        wanted = by_hand(0, mpmath.mpf(1), 0, 1 + mpmath.mpf(10) ** -300)
        assert abs(found / wanted - 1) < mpmath.mpf(10) ** -1999


@pytest.mark.parametrize("unequal", ["0.3", "0.7"])
def test_equal_numbers_that_are_no_binary_fractions_are_equal(unequal):
    found = NORMAL.evaluate(20, mu_1="0.1", sigma_1="0.3", mu_2="0.1", sigma_2=unequal)
    assert (found == 0) is (unequal == "0.3")


HALVES = [0.5, "0.5", "1/2", Fraction(1, 2), Decimal("0.5"), mpmath.mpf("0.5"), np.float32(0.5), np.longdouble("0.5")]
HALVES += [sympy.Rational(1, 2), sympy.Float("0.5", 40), np.array(0.5)]


@pytest.mark.parametrize("half", HALVES, ids=lambda half: type(half).__name__)
def test_numbers_of_any_kind_are_taken_as_they_are(half):
    assert NORMAL.evaluate(20, **AT | {"sigma_1": half}) == NORMAL.evaluate(20, **AT | {"sigma_1": 0.5})


@pytest.mark.parametrize("kind", [np.int8, np.uint64, np.int32, np.bool_])
def test_whole_numbers_of_numpy_are_numbers(kind):
    assert NORMAL.evaluate(20, **AT | {"sigma_1": kind(1)}) == NORMAL.evaluate(20, **AT)


def test_digits_beyond_a_float_count():
    third = np.longdouble(1) / 3
    if np.finfo(np.longdouble).nmant <= np.finfo(np.float64).nmant:
        pytest.skip("long doubles are doubles here")
    assert NORMAL.evaluate(20, **AT | {"mu_1": third}) != NORMAL.evaluate(20, **AT | {"mu_1": float(third)})


@pytest.mark.parametrize(
    "value",
    [None, "x", "", "1e100000", "1e-9999999999", Decimal("1e999999"), math.nan, math.inf, 1j, [1], object(), b"1"],
)
def test_what_is_no_number_is_refused_in_one_line(value):
    with pytest.raises(RequestError, match=r"^sigma_1 must be a finite exact number.*$"):
        NORMAL.evaluate(20, **AT | {"sigma_1": value})


@pytest.mark.parametrize("digits", [0, -1, 10_001, 2.5, True, "20", None])
def test_digits_are_a_number_of_digits(digits):
    with pytest.raises(RequestError, match=r"^digits must be an integer from 1 to 10000"):
        NORMAL.evaluate(digits, **AT)


@settings(max_examples=60, deadline=None)
@given(mu_1=ANY, sigma_1=POSITIVE, mu_2=ANY, sigma_2=POSITIVE)
def test_no_number_is_wrong_however_extreme(mu_1, sigma_1, mu_2, sigma_2):
    point = {"mu_1": mu_1, "sigma_1": sigma_1, "mu_2": mu_2, "sigma_2": sigma_2}
    for param, form in (("std", NORMAL), ("var", VAR)):
        named = point if param == "std" else {k.replace("sigma", "var"): v for k, v in point.items()}
        exact = float(form.evaluate(20, **named))
        assert float(form(**named)) == pytest.approx(exact, rel=64 * EPS, abs=1e-320)


@settings(max_examples=40, deadline=None)
@given(lambda_1=st.one_of(st.just(0.0), st.floats(5e-324, 1e300)), lambda_2=POSITIVE)
def test_a_law_at_its_edge_and_near_it(lambda_1, lambda_2):
    exact = float(POISSON.evaluate(20, lambda_1=lambda_1, lambda_2=lambda_2))
    assert float(POISSON(lambda_1=lambda_1, lambda_2=lambda_2)) == pytest.approx(exact, rel=64 * EPS, abs=1e-320)


@pytest.mark.parametrize("options", [{}, {"unit": "bits"}, {"where": "lambda_2 = 3"}])
def test_the_value_at_an_edge_is_the_limit(options):
    form = closed_form("poisson", "poisson", **options)
    others = {name: 3 for name in form.parameters if name != "lambda_1"}
    edge, limit = (form.evaluate(30, lambda_1=at, **others) for at in (0, Fraction(1, 10**60)))
    assert abs(edge - limit) < 1e-25
    assert float(form(lambda_1=0, **others)) == pytest.approx(float(edge), rel=4 * EPS)


@pytest.mark.parametrize("options", [{"where": "lambda_1 > 0"}, {"where": "lambda_1 = lambda_2"}])
def test_an_edge_that_a_condition_excludes_is_refused(options):
    form = closed_form("poisson", "poisson", **options)
    point = dict.fromkeys(form.parameters, 1) | {"lambda_1": 0}
    for route in (form, lambda **p: form.evaluate(20, **p)):
        with pytest.raises(RequestError, match=r"^lambda_1 must"):
            route(**point)


def test_bits_are_nats_over_log_2():
    bits = closed_form("normal", "normal", unit="bits")
    assert float(bits(**AT)) == pytest.approx(float(NORMAL(**AT)) / math.log(2), rel=4 * EPS)
    with mpmath.workdps(40):
        assert abs(bits.evaluate(40, **AT) * mpmath.log(2) - NORMAL.evaluate(40, **AT)) < 1e-38


def test_a_product_law_is_the_sum_of_its_coordinates():
    vectors = {"mu_1": [0, 1, 2], "sigma_1": [1, 1, 3], "mu_2": [0.5, 0, 0], "sigma_2": [1, 2, 3]}
    rows = [dict(zip(vectors, row, strict=True)) for row in zip(*vectors.values(), strict=True)]
    assert float(DIAGONAL(**vectors)) == pytest.approx(sum(float(NORMAL(**row)) for row in rows), rel=4 * EPS)
    with mpmath.workdps(20):
        assert abs(DIAGONAL.evaluate(20, **vectors) - sum(NORMAL.evaluate(20, **row) for row in rows)) < 1e-17
    single = vectors | {"sigma_1": 1, "mu_2": np.float32(0.5)}
    assert float(DIAGONAL(**single)) == pytest.approx(float(DIAGONAL.evaluate(20, **single)), rel=8 * EPS)


@pytest.mark.parametrize("of", ["value", "gradient"])
@pytest.mark.parametrize("route", ["call", "evaluate"])
def test_a_product_law_has_as_many_coordinates_as_it_says(of, route):
    form = closed_form("diagonal_normal", "diagonal_normal", dim=3)
    form = form.gradient() if of == "gradient" else form
    ask = form if route == "call" else lambda **p: form.evaluate(10, **p)
    rest = {"sigma_1": 1, "mu_2": 0, "sigma_2": 1}
    ask(mu_1=[0, 1, 2], **rest)
    for wrong in ([0, 1, 2, 3], [0], []):
        with pytest.raises(RequestError, match="coordinates"):
            ask(mu_1=wrong, **rest)
    with pytest.raises(RequestError, match="are vectors"):
        ask(mu_1=0, **rest)


def test_lengths_that_differ_are_refused():
    for ask in (DIAGONAL, lambda **p: DIAGONAL.evaluate(10, **p)):
        with pytest.raises(RequestError, match=r"mu_1.*sigma_1"):
            ask(mu_1=[1, 2], sigma_1=[1, 2, 3], mu_2=0, sigma_2=1)


def test_a_form_without_parameters_is_a_number():
    assert float(closed_form("normal(0, 1)", "normal(0, 2)")()) == pytest.approx(math.log(2) - 3 / 8, rel=4 * EPS)
    assert closed_form("standard_normal", "standard_normal")() == 0
    assert float(closed_form("exponential(2)", quantity="entropy")()) == pytest.approx(1 - math.log(2), rel=4 * EPS)
    three = closed_form("diagonal_normal(0, 1)", "diagonal_normal(0, 2)", dim=3)
    assert float(three()) == pytest.approx(3 * (math.log(2) - 3 / 8), rel=4 * EPS)
    with pytest.raises(RequestError, match="vectors"):
        closed_form("diagonal_normal(0, 1)", "diagonal_normal(0, 2)")()


def test_names_are_those_of_the_user_and_words_of_python_have_others():
    own = closed_form("normal(0, self)", "normal(m, t)")
    assert own.parameters == ("self", "m", "t")
    assert own(self=1, m=1, t=2) == NORMAL(**AT)
    form = closed_form("exponential", "standard_normal")
    assert form(rate=2) == form(**{"lambda": 2})
    with pytest.raises(RequestError, match="each once"):
        form(rate=2, **{"lambda": 2})


@pytest.mark.parametrize(
    ("parameters", "words"),
    [({}, "the parameters are mu_1"), ({"mu": 1}, "no parameter 'mu'"), (AT | {"x": 1}, "no parameter 'x'")],
)
def test_wrong_names_are_refused(parameters, words):
    for ask in (NORMAL, lambda **p: NORMAL.evaluate(20, **p)):
        with pytest.raises(RequestError, match=words):
            ask(**parameters)


@pytest.mark.parametrize("quantity", ["decomposition", "moment", "score", "stable_form", "stable_gradient"])
def test_what_is_no_number_to_compute_is_refused(quantity):
    with pytest.raises(RequestError, match=r"^a closed form to compute is one of"):
        closed_form("normal", "normal", quantity=quantity)


@pytest.mark.parametrize(
    ("laws", "where", "conditions"),
    [
        (("normal(0, s)", "normal(1, t)"), "t > s", ["s > 0", "t > 0", "t > s"]),
        (("gamma(2, b)", "gamma(a, c)"), "a > 2", ["b > 0", "a > 0", "c > 0", "a > 2"]),
        (("gamma(s, b)", "gamma(s, c)"), "s > 3/2", ["s > 0", "b > 0", "c > 0", "s > 3/2"]),
    ],
)
def test_conditions_are_in_the_names_of_the_arguments(laws, where, conditions):
    f = closed_form(*laws, where=where)
    assert list(f.conditions) == conditions
    assert f" * Where {conditions[-1]}.\n" in f.code("c")


def test_conditions_are_those_of_the_family():
    with with_laws(COIN, UNIFORM):
        assert closed_form("coin", "coin").conditions == ("p_1 > 0", "p_2 > 0", "p_1 < 1", "p_2 < 1")
        assert closed_form("uniform", quantity="entropy").conditions == ("b > a",)
        f = closed_form("uniform(0, h)", quantity="entropy")
        assert f.conditions == ("h > 0",)
        assert f(h=1) == f.evaluate(h=1) == 0
        for compute in (f, f.evaluate):
            with pytest.raises(RequestError, match=r"h must (be above|lie above) 0"):
                compute(h=-1)


def test_it_is_copied_pickled_compared_and_shown():
    form = closed_form("normal", "normal", unit="bits")
    assert form(**AT) > 0
    assert form.error_bound
    assert form.proof
    for other in (pickle.loads(pickle.dumps(form)), copy.deepcopy(form), copy.copy(form)):
        assert other == form
        assert hash(other) == hash(form)
        assert other(**AT) == form(**AT)
    assert form != NORMAL
    assert repr(form) == f"<closed form of kl(normal, normal, bits): {form.expr}>"
    assert pickle.loads(pickle.dumps(form.stable)) == form.stable


def test_threads_share_it():
    form, found = closed_form("exponential", "exponential"), []
    threads = [threading.Thread(target=lambda: found.append(float(form(lambda_1=1, lambda_2=2)))) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [pytest.approx(1 - math.log(2), rel=8 * EPS)] * 6


# Arrays


def test_rows_are_independent_and_broadcast():
    sigma = np.array([[1.0], [2.0], [np.nan]])
    mu = np.array([0.0, 1.0, np.nan, 1e200])
    found = NORMAL(mu_1=mu, sigma_1=sigma, mu_2=0, sigma_2=1)
    assert found.shape == (3, 4)
    assert np.isnan(found).tolist() == [[False, False, True, False]] * 2 + [[True] * 4]
    assert found[1, 1] == NORMAL(mu_1=1, sigma_1=2, mu_2=0, sigma_2=1)
    assert NORMAL(mu_1=np.zeros((0, 3)), sigma_1=1, mu_2=0, sigma_2=1).shape == (0, 3)
    with pytest.raises(RequestError, match=r"^sigma_1 must be positive; got -1.0 at index \(1,\)$"):
        NORMAL(mu_1=0, sigma_1=[1, -1], mu_2=0, sigma_2=1)


def test_single_precision_stays():
    assert NORMAL(**{name: np.float32(value) for name, value in AT.items()}).dtype == np.float32
    assert NORMAL(**AT | {"mu_1": np.zeros(2, np.float32)}).dtype == np.float32


def test_torch_has_the_derivatives_of_the_gradient():
    torch = pytest.importorskip("torch")
    for form, point in ((NORMAL, NEAR), (POISSON, {"lambda_1": 0.0, "lambda_2": 2.0})):
        tensors = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in point.items()}
        form(**tensors).backward()
        if point["lambda_1" if form is POISSON else "sigma_1"]:
            for name, slope in zip(form.parameters, form.gradient().evaluate(20, **point), strict=True):
                assert float(tensors[name].grad) == pytest.approx(float(slope), rel=64 * EPS)
        else:  # the target of a regression has no events
            assert float(tensors["lambda_2"].grad) == 1


@pytest.mark.sample(3)
@pytest.mark.parametrize("library", ["torch", "jax"])
@pytest.mark.parametrize(
    ("laws", "param", "point", "wanted"),
    [
        # Fisher's information, of which the blocks of the divergence's second derivatives at P = Q are made.
        (("normal", "normal"), "std", (1.0, 2.0), [[1 / 4, 0], [0, 1 / 2]]),
        (("poisson", "poisson"), "rate", (2.0,), [[1 / 2]]),
        (("gamma", "gamma"), "rate", (2.0, 1.0), [[math.pi**2 / 6 - 1, -1], [-1, 2]]),
        (("normal", "normal"), "logvar", (1.0, 0.0), [[1, 0], [0, 1 / 2]]),
    ],
)
def test_second_derivatives_where_both_laws_are_equal_are_fishers_information(library, laws, param, point, wanted):
    module = pytest.importorskip(library)
    form = closed_form(*laws, param=param)

    def value(numbers):
        return form(**{name: numbers[k] for k, name in enumerate(form.parameters)})

    if library == "torch":
        found = module.autograd.functional.hessian(value, module.tensor(point * 2, dtype=module.float64)).numpy()
    else:
        with module.enable_x64(True):
            found = np.asarray(module.hessian(value)(module.numpy.asarray(point * 2)))
    block = np.array(wanted)
    np.testing.assert_allclose(found, np.block([[block, -block], [-block, block]]), rtol=1e-14, atol=1e-15)


def test_dask_is_lazy_and_gives_the_numbers_of_numpy():
    da = pytest.importorskip("dask.array")
    numbers = np.linspace(0, 1, 20, dtype=np.float32).reshape(4, 5)
    lazy = da.from_array(numbers, chunks=(2, 2))
    rest = {"sigma_1": 1.5, "mu_2": 0.0, "sigma_2": 1}
    found, wanted = DIAGONAL(mu_1=lazy, **rest), DIAGONAL(mu_1=numbers, **rest)
    assert found.dtype == wanted.dtype == np.float32
    np.testing.assert_array_equal(found.compute(), wanted)
    three = closed_form("diagonal_normal", "diagonal_normal", dim=5).gradient()
    for a, b in zip(three(mu_1=lazy, **rest), three(mu_1=numbers, **rest), strict=True):
        np.testing.assert_array_equal(a.compute(), b)
    with pytest.raises(RequestError, match="6 coordinates"):
        closed_form("diagonal_normal", "diagonal_normal", dim=6)(mu_1=lazy, **rest)
    torch = pytest.importorskip("torch")
    with pytest.raises(RequestError, match="must be a Dask or NumPy array"):
        NORMAL(**AT | {"mu_1": lazy, "mu_2": torch.ones(5)})


# SymPy


@pytest.mark.parametrize("power", [10, 40, 1000])
def test_sympy_computes_a_stable_form_however_much_cancels(power):
    near = NORMAL.stable.subs({"mu_1": 0, "sigma_1": 1, "mu_2": 0, "sigma_2": 1 + sympy.Rational(1, 10**power)})
    exact = NORMAL.evaluate(20, mu_1=0, sigma_1=1, mu_2=0, sigma_2=1 + Fraction(1, 10**power))
    assert abs(near.evalf(20) / sympy.Float(str(exact), 20) - 1) < 1e-15


def test_sympy_takes_floats_as_they_are():
    assert float(NORMAL.stable.subs(NEAR)) == pytest.approx(float(NORMAL.evaluate(20, **NEAR)), rel=4 * EPS)


@pytest.mark.parametrize("module", ["numpy", "scipy", "mpmath", "sympy"])
def test_sympys_functions_of_the_stable_form_give_its_values(module):
    pytest.importorskip(module)
    function = sympy.lambdify(NORMAL.parameters, NORMAL.stable, module)
    point = [sympy.Rational(v) if module == "sympy" else v for v in NEAR.values()]
    assert float(function(*point)) == pytest.approx(float(NORMAL.evaluate(20, **NEAR)), rel=8 * EPS)


def test_sympys_function_has_the_precision_of_mpmath():
    function = sympy.lambdify(NORMAL.parameters, NORMAL.stable, "mpmath")
    with mpmath.workdps(60):
        point = [mpmath.mpf(v) for v in (0, 1, 0, "1.1")]
        assert abs(function(*point) - by_hand(*point)) < mpmath.mpf(10) ** -58


@pytest.mark.parametrize(
    ("name", "count"), [("itakura_saito", 2), ("log_ratio", 2), ("digamma_difference", 2), ("trigamma_excess", 1)]
)
def test_at_zero_a_function_of_positive_numbers_has_no_value_in_sympy(name, count):
    function, symbols = sympy_function(name), sympy.symbols(f"t:{count}")
    assert function(*[0] * count) != 0
    with pytest.raises((ZeroDivisionError, ValueError)):
        sympy.lambdify(symbols, function(*symbols), "mpmath")(*[mpmath.mpf(0)] * count)


@pytest.mark.parametrize("name", ["itakura_saito", "kl_div", "log_ratio", "digamma_difference", "lgamma_remainder"])
def test_at_equal_points_a_function_is_0_in_sympy_where_it_has_a_value(name):
    function, symbols = sympy_function(name), sympy.symbols("t:2")
    computed = sympy.lambdify(symbols, function(*symbols), "mpmath")
    assert function(3, 3) == 0 == computed(mpmath.mpf(3), mpmath.mpf(3))
    with pytest.raises((KLError, ValueError)):
        computed(mpmath.mpf(-1), mpmath.mpf(-1))


@pytest.mark.parametrize("name", ["expm1mx", "log1pmx", "lgamma1p_remainder"])
def test_at_zero_a_remainder_is_0_in_sympy(name):
    symbol = sympy.Symbol("t")
    assert sympy.lambdify(symbol, sympy_function(name)(symbol), "mpmath")(mpmath.mpf(0)) == 0


def test_limits_and_series_are_those_of_what_a_function_stands_for():
    sigma = sympy.Symbol("sigma_1")
    one = NORMAL.stable.subs({"mu_1": 0, "mu_2": 0, "sigma_2": 1})
    assert sympy.limit(one, sigma, 0, "+") == sympy.oo
    assert one.series(sigma, 1, 3).removeO() == (sigma - 1) ** 2
    assert one.subs(sigma, 1) == 0


def test_a_number_stands_for_all_coordinates():
    form = closed_form("diagonal_normal", "standard_normal", param="logvar")
    at = form.expr.subs("mu", 1).subs("n", 2).doit().subs({"logvar": sympy.Array([0, 0])})
    assert at == 1


def test_what_a_language_does_not_have_is_refused():
    for printed in (sympy.ccode, sympy.pycode, sympy.fcode):
        with pytest.raises(NotImplementedError):
            printed(NORMAL.stable)
    assert find("normal").family.sources[0] in NORMAL.sources
