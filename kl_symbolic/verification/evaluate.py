"""The value of an expression at a parameter point, with an error estimate.

A recursive reading of the language of derivations with mpmath numbers; nothing is compiled, and nothing is known of
how derivations are written or proved.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import sympy
from sympy import Add, Basic, Indexed, IndexedBase, Mul, Pow, Rational, Symbol

from kl_symbolic.families import Support, all_families
from kl_symbolic.proof.language import DEFINED_HEADS, Density, Diff, Exp, Factorial, Integral, Log, Sqrt, name_of
from kl_symbolic.proof.statement import definition
from kl_symbolic.verification.balls import (
    Ball,
    Context,
    Namespace,
    Nodes,
    NotEvaluatedError,
    Number,
    UnresolvedError,
    add,
    central_difference,
    function,
    multiply,
    power,
)
from kl_symbolic.verification.integrands import has_known_scales, laws_at, scale, weights
from kl_symbolic.verification.quadrature import PLANS, SMOOTH, Grid, Rule, Scale, build, contract, tanh_sinh, weigh

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

GUARD_DIGITS = 20
# What the grids are made for: more than is wanted, as digits cancel where a value is small.
GRID_GUARD_DIGITS = 14
MOST_DIMENSIONS = 2
INTEGRALS = (Integral, *DEFINED_HEADS)
# Below this size a value is compared in absolute terms: a divergence of a law from itself is 0.
SMALLEST_SCALE = 1e-6


class Evaluator:
    """Values of written-out expressions (`instantiate`) at one parameter point; integrals are cached.

    Parameters
    ----------
    ctx
        A private mpmath context.
    digits
        The number of digits that are wanted.
    values
        Exact values of the parameters.
    bound
        Nodes, for the variables of the integral around.
    unmoved
        While a parameter is moved to differentiate: the evaluator that does not move it, and the parameter; for what
        does not involve it.
    by_mpmath
        Take mpmath's quadrature for the integrals of one continuous variable: slower, and not of our making.
    """

    def __init__(
        self,
        ctx: Context,
        digits: int,
        values: Mapping[Basic, Fraction],
        bound: Mapping[Basic, Number] | None = None,
        unmoved: tuple[Evaluator, Basic] | None = None,
        by_mpmath: bool = False,
    ) -> None:
        self._by_mpmath = by_mpmath
        self.ctx, self.digits, self.values, self.bound = ctx, digits, values, bound or {}
        self._unmoved = unmoved
        self._known: dict[Basic, Ball] = {}
        self._moving: dict[Basic, bool] = {}
        self._namespaces: dict[bool, Namespace] = {}
        self._children: dict[object, Evaluator] = {}
        self._grids: dict[object, Grid] = {}
        self._missed: dict[object, Number] = {}

    def value(self, expr: Basic) -> Ball:
        """Return the value of `expr`.

        Raises
        ------
        UnresolvedError
            If it cannot be found, or is not finite.
        NotEvaluatedError
            If it holds an integral of too many dimensions.
        """
        with self.ctx.workdps(self.digits + GUARD_DIGITS):
            return self._value(expr)

    def _value(self, expr: Basic) -> Ball:
        if expr not in self._known:
            if self._unmoved is not None and not self._moves(expr, self._unmoved[1]):
                return self._unmoved[0].value(expr)
            self._known[expr] = self._compute(expr)
        return self._known[expr]

    def _moves(self, expr: Basic, theta: Basic) -> bool:
        """Whether an expression involves a parameter."""
        if expr not in self._moving:
            self._moving[expr] = expr == theta or any(self._moves(a, theta) for a in expr.args)
        return self._moving[expr]

    def _namespace(self, array: bool) -> Namespace:
        if array not in self._namespaces:
            self._namespaces[array] = Namespace(self.ctx, array)
        return self._namespaces[array]

    def _compute(self, expr: Basic) -> Ball:
        ctx = self.ctx
        match expr:
            case Rational():
                return self._exact(Fraction(int(expr.p), int(expr.q)))
            case sympy.pi:
                return Ball(+ctx.pi, ctx.eps * 4)
            case Symbol() | Indexed():
                return self._look_up(expr)
            case Add():
                return add(ctx, [self._value(a) for a in expr.args])
            case Mul():
                return multiply(ctx, [self._value(a) for a in expr.args])
            case Pow():
                return power(ctx, *(self._value(a) for a in expr.args))
            case Density():
                return self._density(expr)
            case Integral():
                return self._integral(expr)
            case Diff():
                return self._derivative(*expr.args)
            case _ if isinstance(expr, DEFINED_HEADS):
                return self._value(definition(expr))
        return self._function(expr)

    def _function(self, expr: Basic) -> Ball:
        if not isinstance(expr, Log | Exp | Sqrt | Factorial):
            raise UnresolvedError(f"cannot evaluate {expr}")
        at, m = self._value(expr.args[0]), self._namespace(array=False)
        match expr:
            case Log():
                return function(self.ctx, m.log, lambda u: 1 / u, at)
            case Exp():
                return function(self.ctx, m.exp, m.exp, at)
            case Sqrt():
                return function(self.ctx, m.sqrt, lambda u: 1 / (2 * m.sqrt(u)), at)
        if not at.exact:
            raise UnresolvedError(f"the factorial of an inexact number: {expr}")
        return Ball(m.factorial(at.mid), self.ctx.zero)

    def _exact(self, value: Fraction) -> Ball:
        return Ball(self.ctx.mpf(value.numerator) / value.denominator, self.ctx.zero)

    def _look_up(self, symbol: Basic) -> Ball:
        if symbol in self.bound:
            return Ball(self.bound[symbol], self.ctx.zero)
        if symbol not in self.values:
            raise UnresolvedError(f"{symbol} has no value")
        return self._exact(self.values[symbol])

    def _density(self, expr: Basic) -> Ball:
        law, x = expr.args
        at = self._value(x).mid
        array = isinstance(at, np.ndarray)
        arguments = [self._value(a).mid for a in law.args[1:]]
        if array:
            arguments = [np.array([a], dtype=object) for a in arguments]
        density = all_families()[name_of(law.args[0])].density
        value = density(self._namespace(array), at.view(Nodes) if array else at, *arguments)
        return Ball(np.asarray(value) if array else value, self.ctx.zero)

    def _derivative(self, body: Basic, theta: Basic) -> Ball:
        """Return a central difference.

        The difference of integrals is the integral of the difference, in which fewer digits cancel. Where an integrand
        breaks off or bends, grids have to see this at both places: there the difference of integrals is taken.
        """
        if not body.has(theta):
            return Ball(self.ctx.zero, self.ctx.zero)
        if theta not in self.values:
            raise UnresolvedError(f"{theta} has no value")
        if isinstance(body, Integral) and not self._by_mpmath:
            inside = Integral(Diff(body.args[0], theta), *body.args[1:])
            with suppress(UnresolvedError):
                found = self._integral(inside, SMOOTH)
                if self._is_fine(found):
                    return found
        places = (self.digits + GUARD_DIGITS) // 2
        step = Fraction(1, 10**places)
        digits = self.digits + places + 5
        still = self._child(digits, lambda: Evaluator(self.ctx, digits, self.values, self.bound))

        def at(shift: int) -> Ball:
            values = {**self.values, theta: self.values[theta] + shift * step}
            moved = self._child((theta, shift), lambda: Evaluator(self.ctx, digits, values, self.bound, (still, theta)))
            return moved.value(body)

        with self.ctx.workdps(self.digits + places + GUARD_DIGITS):
            return central_difference({shift: at(shift) for shift in (-2, -1, 1, 2)}, self._exact(step).mid)

    def _integral(self, expr: Basic, plans: Mapping[Support, Sequence[Rule]] = PLANS) -> Ball:
        body, x, support_name, size = expr.args
        support, dimension = Support(name_of(support_name)), int(size)
        if dimension > MOST_DIMENSIONS:
            raise NotEvaluatedError(f"an integral over {dimension} dimensions is not evaluated")
        variables = [x[k] for k in range(1, dimension + 1)] if isinstance(x, IndexedBase) else [x]
        if not support.discrete and not has_known_scales(body, variables):
            raise UnresolvedError("the integrand is not a polynomial times densities and logarithms of products")
        if self._by_mpmath and not support.discrete and dimension == 1:
            found = self._by_tanh_sinh(body, variables[0], support, ())
            kinks = tuple(laws_at(body, variables[0]))
            return found if self._is_fine(found) else self._by_tanh_sinh(body, variables[0], support, kinks)
        best, reason = None, UnresolvedError("no rule for this integral")
        for rule in plans[support]:
            try:
                found = self._integrate(body, variables, support, rule)
            except UnresolvedError as error:
                reason = error
                continue
            if best is None or found.rad < best.rad:
                best = found
            if self._is_fine(best):
                break
        if best is None:
            raise reason
        return best

    def _is_fine(self, found: Ball) -> bool:
        size = max(abs(found.mid), self.ctx.mpf(SMALLEST_SCALE))
        return bool(found.rad <= size * self.ctx.mpf(10) ** -(self.digits + 2))

    def _by_tanh_sinh(self, body: Basic, variable: Basic, support: Support, kinks: Sequence[Basic]) -> Ball:
        laws = weights(body, variable)
        scales = self._scales(laws, kinks, support)
        inside: dict[object, Evaluator] = {}  # that forgets its many nodes in the end

        def integral(expr: Basic) -> Ball:
            def at(nodes: Number) -> Number:
                key = nodes[0], nodes[-1], len(nodes)  # the others follow from them
                if key not in inside:
                    inside[key] = Evaluator(self.ctx, self.digits, self.values, {variable: nodes})
                return inside[key].value(expr).mid

            return tanh_sinh(self.ctx, at, support, self.digits + GRID_GUARD_DIGITS, scales)

        found = integral(body)
        missed = sum(abs(1 - integral(Density(law, variable)).mid) for law in laws)
        return Ball(found.mid, found.rad + missed * max(abs(found.mid), self.ctx.one))

    def _integrate(self, body: Basic, variables: Sequence[Basic], support: Support, rule: Rule) -> Ball:
        ctx = self.ctx
        laws = [tuple(weights(body, variable)) for variable in variables]
        if not all(laws):
            raise UnresolvedError("a variable of integration has no density")
        # Kinks matter where the integral is cut into pieces; elsewhere integrands share the grids of their weights.
        kinks = [tuple(laws_at(body, v)) if rule[0] == "pieces" else () for v in variables]
        grids = [self._grid(some, others, support, rule) for some, others in zip(laws, kinks, strict=True)]
        nodes = {
            variable: grid.nodes.reshape([-1 if axis == k else 1 for axis in range(len(grids))])
            for k, (variable, grid) in enumerate(zip(variables, grids, strict=True))
        }
        inner = self._child(
            (tuple(variables), tuple(laws), tuple(kinks), rule),
            lambda: Evaluator(ctx, self.digits, self.values, {**self.bound, **nodes}),
        )
        integrand = inner.value(body)
        shape = [len(g.nodes) for g in grids]
        integral = contract(ctx, np.broadcast_to(integrand.mid, shape), grids)
        radius = integral.rad
        if not integrand.exact:
            radius += ctx.fsum(weigh(np.broadcast_to(integrand.rad, shape), grids).flat)
        # A grid that misses part of a density shows it by the mass that it finds.
        for variable, grid, some in zip(variables, grids, laws, strict=True):
            for law in some:
                radius += inner.missed_mass(Density(law, variable), grid) * max(abs(integral.mid), ctx.one)
        return Ball(integral.mid, radius)

    def missed_mass(self, density: Basic, grid: Grid) -> Number:
        """Return how much of a law a grid misses, and a rounding: a logarithm near 0 has the error of its argument."""
        if density not in self._missed:
            mass = self.ctx.fdot(self.value(density).mid.flat, grid.weights)
            self._missed[density] = abs(1 - mass) + 4 * self.ctx.eps
        return self._missed[density]

    def _child(self, key: object, make: Callable[[], Evaluator]) -> Evaluator:
        if key not in self._children:
            self._children[key] = make()
        return self._children[key]

    def _grid(self, laws: tuple[Basic, ...], kinks: tuple[Basic, ...], support: Support, rule: Rule) -> Grid:
        key = (laws, kinks, support, rule)
        if key not in self._grids:
            scales = self._scales(laws, kinks, support)
            self._grids[key] = build(self.ctx, support, rule, self.digits + GRID_GUARD_DIGITS, scales)
        return self._grids[key]

    def _scales(self, laws: Sequence[Basic], kinks: Sequence[Basic], support: Support) -> list[Scale]:
        m = self._namespace(array=False)
        return [
            scale(self.ctx, m, law, [self._value(a).mid for a in law.args[1:]], support, weighs=law in laws)
            for law in dict.fromkeys([*laws, *kinks])
        ]
