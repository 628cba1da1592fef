"""Closed forms as users compute with them: the right numbers over arrays, or an error, and no symbol is forgotten."""

from __future__ import annotations

import inspect
import itertools
import pickle

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Indexed, IndexedBase, Symbol, lambdify

from kl_symbolic import RequestError, catalogue, check, derive
from kl_symbolic.numeric import kl_diag_normal, kl_normal, kl_standard_normal_grad

pytestmark = pytest.mark.usefixtures("proved_once")

MU, SIGMA = [1.0, -2.0, 3.0], [0.5, 2.0, 1.25]
OTHER_MU, OTHER_SIGMA = [0.0, 1.0, -1.0], [1.5, 0.75, 2.0]
WITH_DIMENSION = [
    *(derive("diagonal_normal", "standard_normal", param="logvar", dim=dim) for dim in (1, 2, 3)),
    derive("diagonal_normal", "diagonal_normal", dim=2, quantity="gradient"),
    derive("diagonal_exponential", "diagonal_exponential", dim=2, quantity="asymmetry", unit="bits"),
]
MORE = [
    derive("diagonal_normal", quantity="entropy"),
    derive("diagonal_normal", "diagonal_normal", quantity="gradient"),
    derive("normal", quantity="score", of="mu"),
    derive("standard_normal", "standard_normal"),
]
DERIVATIONS = [pytest.param(d, id=d.name) for d in [*catalogue(), *WITH_DIMENSION, *MORE]]
MODULES = [None, "numpy", "scipy", "math", "mpmath", "sympy", "jax"]
KINDS = [(module, kind) for module in MODULES for kind in (list, np.array)]


@pytest.mark.parametrize(("module", "kind"), [*KINDS, ("mpmath", lambda row: [*map(mpmath.mpf, row)])])
@pytest.mark.parametrize("cse", [False, True])
@pytest.mark.parametrize("length", [2, 3])
def test_over_arrays_the_first_coordinate_is_the_first_number(module, cse, kind, length):
    pytest.importorskip(module or "sympy")
    d = derive("diagonal_normal", "diagonal_normal")
    function = lambdify(d.parameters, d.closed_form, module, cse=cse)
    rows = [kind(row) for row in (MU, SIGMA, OTHER_MU, OTHER_SIGMA)]
    wanted = sum(kl_normal(*map(np.array, (MU, SIGMA, OTHER_MU, OTHER_SIGMA)))[:length])
    assert float(function(*rows, length)) == pytest.approx(wanted, rel=1e-6 if module == "jax" else 1e-14)


@pytest.mark.parametrize("dim", [2, 3])
def test_with_a_number_of_coordinates_arrays_and_single_numbers_give_the_same(dim):
    d = derive("diagonal_normal", "diagonal_normal", dim=dim)
    rows = [row[:dim] for row in (MU, SIGMA, OTHER_MU, OTHER_SIGMA)]
    wanted = sum(kl_normal(*map(np.array, rows)))
    assert lambdify(d.parameters, d.closed_form)(*itertools.chain(*rows)) == pytest.approx(wanted, rel=1e-14)
    bases = list(dict.fromkeys(s.base for s in d.parameters))
    assert lambdify(bases, d.closed_form)(*map(np.array, rows)) == pytest.approx(wanted, rel=1e-14)
    by_hand = [IndexedBase(str(base)) for base in bases]
    assert lambdify(by_hand, d.closed_form)(*rows) == pytest.approx(wanted, rel=1e-14)
    at = dict(zip(d.parameters, itertools.chain(*rows), strict=True))
    assert float(d.closed_form.subs(at)) == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize(
    "container", [sympy.Array, sympy.Matrix, lambda row: sympy.Tuple(*row)], ids=["Array", "Matrix", "Tuple"]
)
def test_numbers_put_in_place_of_a_parameter_are_counted_as_its_coordinates_are(container):
    d = derive("diagonal_normal", "standard_normal", param="logvar")
    mu, logvar, n = d.parameters
    rows = {mu: container([1, 2, 3]), logvar: container([0, 0, 0])}
    assert d.closed_form.subs(rows).subs(n, 2).doit() == sympy.Rational(5, 2)
    assert d.closed_form.subs(n, 2).doit().subs(rows) == sympy.Rational(5, 2)
    if container is sympy.Array:
        by_label = {base.label: row for base, row in rows.items()}
        assert d.closed_form.subs(by_label).subs(n, 2).doit() == sympy.Rational(5, 2)


def test_a_sum_written_out_is_the_closed_form_of_that_dimension():
    d, two = (derive("diagonal_normal", "standard_normal", dim=dim) for dim in (None, 2))
    assert d.closed_form.subs(Symbol("n", integer=True, positive=True), 2).doit() == two.closed_form
    assert [str(s) for s in two.parameters] == ["mu[1]", "mu[2]", "sigma[1]", "sigma[2]"]
    assert str(d.parameters) == "(mu, sigma, n)"


@pytest.mark.parametrize("module", MODULES)
def test_a_gradient_over_arrays_is_that_of_the_array_function(module):
    pytest.importorskip(module or "sympy")
    d = derive("diagonal_normal", "standard_normal", quantity="gradient", param="logvar")
    assert str(d.parameters) == "(mu, logvar, j)"
    function = lambdify(d.parameters, list(d.closed_form), module)
    logvar = [0.1, -0.2, 0.3]
    by_mu, by_logvar = kl_standard_normal_grad(MU, logvar)
    for j in (1, 2, 3):
        found = [float(value) for value in function(MU, logvar, j)]
        assert found == pytest.approx([by_mu[j - 1], by_logvar[j - 1]], rel=1e-6 if module == "jax" else 1e-14)


@pytest.mark.parametrize("kind", [list, np.array], ids=["lists", "arrays"])
def test_a_coordinate_counted_from_0_is_not_taken_for_the_last(kind):
    d = derive("diagonal_normal", "standard_normal", quantity="gradient")
    for module in ("numpy", "math", "mpmath"):
        function = lambdify(d.parameters, list(d.closed_form), module)
        for j in (0, -1):
            with pytest.raises((TypeError, IndexError)):
                function(kind(MU), kind(SIGMA), j)
    mu = d.parameters[0]
    for wrong in (lambda: sympy.pycode(mu[0]), lambda: mu[0].subs(mu, sympy.Array([1, 2]))):
        with pytest.raises(RequestError, match="coordinates are counted from 1, given: 0"):
            wrong()


def test_too_few_numbers_are_an_error():
    d = derive("diagonal_normal", "standard_normal")
    with pytest.raises(IndexError):
        lambdify(d.parameters, d.closed_form)(MU, SIGMA, 4)


def test_code_counts_as_its_language_does():
    mu = derive("diagonal_normal", "standard_normal", dim=2).parameters[0].base
    assert sympy.pycode(mu[2]) == "mu[1]"
    assert sympy.julia_code(mu[2]) == "mu[2]"
    assert sympy.fcode(mu[2]).strip() == "mu(2)"
    assert sympy.octave_code(mu[2]) == "mu(2)"
    assert str(mu[2]) == "mu[2]"
    in_c = sympy.ccode(type(mu)(mu.label, shape=(3,))[2])
    assert in_c == "mu[1]"


@pytest.mark.parametrize("d", DERIVATIONS)
def test_parameters_are_the_symbols_of_the_closed_form(d):
    closed, parameters = d.closed_form, d.parameters
    assert len(set(parameters)) == len(parameters)
    assert all(closed.has(s) for s in parameters)
    covered = {s for p in parameters for s in (p, *p.atoms(Symbol))}
    coordinates = {s for s in closed.atoms(Indexed) if s.base not in parameters}
    assert coordinates <= set(parameters)
    assert {s for s in closed.free_symbols if isinstance(s, Symbol)} <= covered


@pytest.mark.parametrize("d", [p for p in DERIVATIONS if "decomposition" not in p.id])
def test_parameters_are_the_arguments_of_a_function(d):
    if any(isinstance(s, IndexedBase) and str(s) == "lambda" for s in d.parameters):
        pytest.skip("SymPy writes a word of Python as an argument: a SyntaxError")
    special = d.closed_form.has(sympy.loggamma, sympy.polygamma)  # of which NumPy has none
    pytest.importorskip("scipy" if special else "numpy")
    function = lambdify(d.parameters, d.closed_form, "scipy" if special else "numpy")
    values = [[0.5, 2.0, 3.0] if isinstance(s, IndexedBase) else 2 if s.is_integer else 0.75 for s in d.parameters]
    assert len(inspect.signature(function).parameters) == len(values)
    assert np.isfinite(np.array(function(*values), dtype=float)).all()


@pytest.mark.sample(12)
@pytest.mark.parametrize("d", [p for p in DERIVATIONS if "decomposition" not in p.id])
def test_a_closed_form_can_be_checked_and_pickled(d):
    assert pickle.loads(pickle.dumps(d.closed_form)) == d.closed_form
    if d.question.q and d.question.quantity == "kl":
        options = d.question.options | {"dim": d.question.dim}
        assert check(d.closed_form, d.question.p, d.question.q, **options).status == "proved"


def test_the_example_of_the_symbolic_dimension_agrees_with_the_kernel_for_diagonal_laws():
    d = derive("diagonal_normal", "diagonal_normal", param="logvar")
    logvar, other = [0.2, -0.4, 0.0], [0.0, 0.1, -0.3]
    found = lambdify(d.parameters, d.closed_form)(MU, logvar, OTHER_MU, other, 3)
    assert found == pytest.approx(float(kl_diag_normal(MU, logvar, OTHER_MU, other)), rel=1e-13)
