"""All pairs of laws that have a stable form: proved values and derivatives with digits to spare, and parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, partial, reduce
from itertools import product
from math import prod

import mpmath
import numpy as np
import sympy

from kl_symbolic import closed_form, derive
from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.families import find, names
from kl_symbolic.functions import find_function
from kl_symbolic.numeric.laws import formula_for

EXTREMES = {np.float64: (1e-300, 1e-20, 1.0, 1e20, 1e300), np.float32: (1e-37, 1e-10, 1.0, 1e10, 1e37)}
MODERATE = (1e-30, 1e-10, 1.0, 1e10, 1e30)  # of laws with gamma functions, which take mpmath seconds in the extremes
LOGARITHMS = (-700.0, -30.0, 0.0, 1e-9, 40.0, 700.0)
AS_GAMMA = {"alpha": lambda rate: 1 + 0 * rate, "beta": lambda rate: rate, "theta": lambda rate: 1 / rate}
AS_GAMMA["mu"] = AS_GAMMA["theta"]  # what an exponential law is called as a gamma law


class Numbers:
    """The namespace in which a formula of a family is computed with mpmath."""

    def __getattr__(self, name):
        return getattr(mpmath, find_function(name).names["mpmath"])


def in_mpmath(symbols, expr):
    """Return an expression as a function; functions that only we know are computed by their definitions."""
    own = {str(one.func) for one in expr.atoms(sympy.Function)} - set(dir(mpmath))
    known = {name: partial(found.definition, Numbers()) for name in own if (found := find_function(name))}
    known = {name: one for name, one in known.items() if name not in ("loggamma", "polygamma")}
    return sympy.lambdify(symbols, expr, [known, "mpmath"], cse=True)


def is_monomial(expr):
    factors = sympy.Mul.make_args(expr)
    return all(one.is_number or one.is_Symbol or (one.is_Pow and one.base.is_Symbol) for one in factors)


def size(expr):
    """Return what errors are relative to: the sum of the absolute values of the terms, which may cancel.

    A difference of parameters, or of products of them, is one term: it is computed exactly.
    """
    match expr:
        case sympy.Add() if not all(map(is_monomial, expr.args)):
            return reduce(sympy.Add, map(size, expr.args))
        case sympy.Mul():
            return prod(map(size, expr.args))
    return sympy.Abs(expr)


@dataclass(frozen=True)
class Laws:
    """Two laws in a parameterisation.

    Parameters
    ----------
    p, q
        Their names.
    param
        That of both; a law whose family does not know it has its default.
    """

    p: str
    q: str
    param: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return formula_for(self.p, self.q, self.param).value.program.arguments

    @property
    def eps(self) -> float:
        """The bound that is promised."""
        return formula_for(self.p, self.q, self.param).eps

    @cached_property
    def value(self) -> Callable[..., mpmath.mpf]:
        """The proved closed form, in the precision of the context; at an edge what is proved there."""
        form = closed_form(self.p, self.q, param=self.param)
        assert form.proof
        symbols = sympy.symbols(self.names)
        inside = in_mpmath(symbols, self._called(form.expr))
        edges = [(self.names.index(n), at, in_mpmath(symbols, self._called(limit))) for n, at, limit in form.edges]

        def value(*point):
            return next((limit for place, at, limit in edges if point[place] == at), inside)(*point)

        return value

    @cached_property
    def gradient(self) -> Callable[..., list[tuple[mpmath.mpf, mpmath.mpf]]]:
        """The proved derivatives, each with what its error is relative to."""
        form = closed_form(self.p, self.q, param=self.param, quantity="gradient")
        assert form.proof
        symbols = sympy.symbols(self.names)
        values = in_mpmath(symbols, self._called(form.expr))
        stable = derive(self.p, self.q, param=self.param, quantity="stable_gradient").closed_form
        sizes = in_mpmath(symbols, sympy.Matrix([size(self._called(one)) for one in stable]))
        return lambda *point: list(zip(values(*point), sizes(*point), strict=True))

    def _called(self, expr):
        """Return a formula in symbols without assumptions, called as the arguments are."""
        return expr.xreplace({one: sympy.Symbol(one.name) for one in expr.free_symbols})

    def __str__(self) -> str:
        return f"{self.p}-{self.q}-{self.param}"


@cache
def proved(p: str, q: str, param: str) -> Laws:
    return Laws(p, q, param)


@cache
def pairs_of_laws() -> tuple[Laws, ...]:
    """Return all of one coordinate that have a stable form."""
    single = [name for name in names() if not find(name).product]
    found = []
    for p, q in product(single, repeat=2):
        for param in dict.fromkeys((*find(p).family.param_names, *find(q).family.param_names)):
            try:
                formula_for(p, q, param)
            except NoClosedFormError:
                continue
            found.append(proved(p, q, param))
    return tuple(found)


# Parameters


def is_logarithm(name):
    return name.startswith("log")


def is_real(laws, name):
    return name.startswith("mu") and laws.param != "mean"


def is_unit(name):
    return name.partition("_")[0] == "p"


def draw(laws, random, rows, dtype=np.float64, spread=1.0):
    """Return parameters at random, each of several rows."""
    return {name: one_of(laws, name, random, rows, spread).astype(dtype) for name in laws.names}


def one_of(laws, name, random, rows, spread=1.0):
    normal = spread * random.normal(size=rows)
    if is_unit(name):
        return np.clip(1 / (1 + np.exp(-normal)), 1e-6, 1 - 1e-6)
    return normal if is_real(laws, name) or is_logarithm(name) else np.exp(normal)


def equal(laws, random, rows):
    """Return parameters at which both laws are the same one; rates are powers of two, so that 1/rate is exact."""
    rate, common = 2.0 ** random.integers(-3, 4, rows), {}
    found = {}
    for name in laws.names:
        base, _, number = name.partition("_")
        if {laws.p, laws.q} == {"gamma", "exponential"}:
            found[name] = AS_GAMMA.get(base, AS_GAMMA["beta"])(rate)
        elif number:
            found[name] = common.setdefault(base, one_of(laws, name, random, rows))
        else:  # the other law has no parameters
            found[name] = np.full(rows, float(not (is_real(laws, name) or is_logarithm(name))))
    return found


def near(laws, random, rows, distance, dtype=np.float64):
    """Return parameters of laws at a distance."""

    def moved(name, values):
        size = values if values.all() else 1
        return values + distance * random.uniform(-1, 1, rows) * (size * (1 - values) if is_unit(name) else size)

    return {name: moved(name, values).astype(dtype) for name, values in equal(laws, random, rows).items()}


def extreme(laws, random, rows, dtype=np.float64):
    """Return parameters from all over the range of the dtype."""
    sizes = MODERATE if "gamma" in (laws.p, laws.q) and dtype is np.float64 else EXTREMES[dtype]

    def some(name):
        if is_logarithm(name):
            return random.choice(LOGARITHMS, rows)
        if is_unit(name):
            return random.choice([*(one for one in sizes if one < 1), 0.5, 1 - 2.0**-20], rows)
        return random.choice((0.0, *sizes, *(-one for one in sizes)) if is_real(laws, name) else sizes, rows)

    return {name: some(name).astype(dtype) for name in laws.names}
