"""The value of a term at a parameter point, with an error estimate.

A recursive reading of the language of derivations with mpmath numbers; nothing is compiled, and nothing is known of
how derivations are written or proved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction

import numpy as np

from kl_symbolic.errors import KLError
from kl_symbolic.families import Support
from kl_symbolic.numbers.arithmetic import Context, Namespace, UnresolvedError, Value
from kl_symbolic.numbers.balls import Ball, Nodes, add, balls, central_difference, reals
from kl_symbolic.numbers.integrands import has_known_scales, laws_at, scale, support_named, weights
from kl_symbolic.numbers.quadrature import PLANS, SMOOTH, Grid, Rule, Scale, build, contract, weigh
from kl_symbolic.numbers.tanh_sinh import between, tanh_sinh
from kl_symbolic.proof.statement import definition
from kl_symbolic.proof.supports import ends, family_of
from kl_symbolic.terms import DEFINED_HEADS, Density, Diff, Integral, Number, Term, has

GUARD_DIGITS = 20
# What the grids are made for: more than is wanted, as digits cancel where a value is small.
GRID_GUARD_DIGITS = 14
MOST_DIMENSIONS = 2
# Below this size a value is compared in absolute terms: a divergence of a law from itself is 0.
SMALLEST_SCALE = 1e-6


class NotEvaluatedError(KLError):
    """A value that was not tried."""


class Evaluator:
    """Values of written-out terms (`instantiate`) at one parameter point; integrals are cached.

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
        values: Mapping[Term, Fraction],
        bound: Mapping[Term, Value] | None = None,
        unmoved: tuple[Evaluator, Term] | None = None,
        by_mpmath: bool = False,
    ) -> None:
        self._by_mpmath = by_mpmath
        self.ctx, self.digits, self.values, self.bound = ctx, digits, values, bound or {}
        self._unmoved = unmoved
        self._known: dict[Term, Ball] = {}
        self._moving: dict[Term, bool] = {}
        self._balls = balls(ctx)
        self._children: dict[object, Evaluator] = {}
        self._grids: dict[object, Grid] = {}
        self._missed: dict[object, Value] = {}

    def value(self, term: Term) -> Ball:
        """Return the value of `term`.

        Raises
        ------
        UnresolvedError
            If it cannot be found, or is not finite.
        NotEvaluatedError
            If it holds an integral of too many dimensions.
        """
        with self.ctx.workdps(self.digits + GUARD_DIGITS):
            return self._value(term)

    def _value(self, term: Term) -> Ball:
        if term not in self._known:
            if self._unmoved is not None and not self._moves(term, self._unmoved[1]):
                return self._unmoved[0].value(term)
            self._known[term] = self._compute(term)
        return self._known[term]

    def _moves(self, term: Term, theta: Term) -> bool:
        """Whether a term involves a parameter."""
        if term not in self._moving:
            self._moving[term] = term == theta or any(self._moves(a, theta) for a in term.args)
        return self._moving[term]

    def _compute(self, term: Term) -> Ball:
        match term:
            case Term("Symbol" | "Indexed"):
                return self._look_up(term)
            case Term("Density"):
                return self._density(term)
            case Term("Integral"):
                return self._integral(term)
            case Term("Diff"):
                return self._derivative(*term.args)
        if term.head in DEFINED_HEADS:
            return self._value(definition(term))
        found: Ball = self._balls.value(term, self._value)
        return found

    def _look_up(self, symbol: Term) -> Ball:
        if symbol in self.bound:
            return Ball(self.bound[symbol], self.ctx.zero)
        if symbol not in self.values:
            raise UnresolvedError(f"{symbol} has no value")
        return self._exact(self.values[symbol])

    def _exact(self, value: Fraction) -> Ball:
        found: Ball = self._balls.number(value)
        return found

    def _density(self, term: Term) -> Ball:
        law, x = term.args
        at = self._value(x).mid
        array = isinstance(at, np.ndarray)
        arguments = [self._value(a).mid for a in law.args[1:]]
        if array:
            arguments = [np.array([a], dtype=object) for a in arguments]
        m = Namespace(reals(self.ctx, array))
        value = family_of(law).density(m, at.view(Nodes) if array else at, *arguments)
        return Ball(np.asarray(value) if array else value, self.ctx.zero)

    def _derivative(self, body: Term, theta: Term) -> Ball:
        """Return a central difference.

        The difference of integrals is the integral of the difference, in which fewer digits cancel. Where an integrand
        breaks off or bends, grids have to see this at both places: there the difference of integrals is taken.
        """
        if not has(body, theta):
            return Ball(self.ctx.zero, self.ctx.zero)
        if theta not in self.values:
            raise UnresolvedError(f"{theta} has no value")
        if body.head == "Integral" and not self._by_mpmath:
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

    def _integral(self, term: Term, plans: Mapping[Support, Sequence[Rule]] = PLANS) -> Ball:
        body, x, _, size = term.args
        if not isinstance(size, Number):
            raise UnresolvedError(f"an integral over {size} dimensions")
        if term.args[2].head != "Text":
            return self._between_ends(term)
        support, dimension = support_named(term), int(size.value)
        if dimension > MOST_DIMENSIONS:
            raise NotEvaluatedError(f"an integral over {dimension} dimensions is not evaluated")
        variables = [x[k] for k in range(1, dimension + 1)] if x.head == "Array" else [x]
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

    def _between_ends(self, term: Term) -> Ball:
        """Integrate from one number to another, or add up the values at whole numbers."""
        body, x, support, size = term.args
        if size is not Number(1) or x.head == "Array":
            raise NotEvaluatedError(f"an integral over several dimensions of {support} is not evaluated")
        lower, upper, discrete = ends(support)
        if lower is None or upper is None:
            raise UnresolvedError(f"an integral over {support}")
        low, high = (self._value(end).mid for end in (lower, upper))

        def at(x_value: Value) -> Ball:
            return Evaluator(self.ctx, self.digits, self.values, {**self.bound, x: x_value}).value(body)

        if discrete:
            return add(self.ctx, [at(self.ctx.mpf(k)) for k in range(int(low), int(high) + 1)])
        if not has_known_scales(body, [x]):
            raise UnresolvedError("the integrand is not a polynomial times densities and logarithms of products")
        m = Namespace(reals(self.ctx))
        laws = [(family_of(law), [self._value(a).mid for a in law.args[1:]]) for law in laws_at(body, x)]
        centres = [self.ctx.mpf(family.scale(m, *arguments)[0]) for family, arguments in laws]

        def values(nodes: Value) -> Value:
            return np.broadcast_to(at(nodes).mid, nodes.shape)

        return between(self.ctx, values, low, high, self.digits + GRID_GUARD_DIGITS, centres)

    def _is_fine(self, found: Ball) -> bool:
        size = max(abs(found.mid), self.ctx.mpf(SMALLEST_SCALE))
        return bool(found.rad <= size * self.ctx.mpf(10) ** -(self.digits + 2))

    def _by_tanh_sinh(self, body: Term, variable: Term, support: Support, kinks: Sequence[Term]) -> Ball:
        laws = weights(body, variable)
        scales = self._scales(laws, kinks, support)
        inside: dict[object, Evaluator] = {}  # that forgets its many nodes in the end

        def integral(term: Term) -> Ball:
            def at(nodes: Value) -> Value:
                key = nodes[0], nodes[-1], len(nodes)  # the others follow from them
                if key not in inside:
                    inside[key] = Evaluator(self.ctx, self.digits, self.values, {variable: nodes})
                return inside[key].value(term).mid

            return tanh_sinh(self.ctx, at, support, self.digits + GRID_GUARD_DIGITS, scales)

        found = integral(body)
        missed = sum(abs(1 - integral(Density(law, variable)).mid) for law in laws)
        return Ball(found.mid, found.rad + missed * max(abs(found.mid), self.ctx.one))

    def _integrate(self, body: Term, variables: Sequence[Term], support: Support, rule: Rule) -> Ball:
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

    def missed_mass(self, density: Term, grid: Grid) -> Value:
        """Return how much of a law a grid misses, and a rounding: a logarithm near 0 has the error of its argument."""
        if density not in self._missed:
            mass = self.ctx.fdot(self.value(density).mid.flat, grid.weights)
            self._missed[density] = abs(1 - mass) + 4 * self.ctx.eps
        return self._missed[density]

    def _child(self, key: object, make: Callable[[], Evaluator]) -> Evaluator:
        if key not in self._children:
            self._children[key] = make()
        return self._children[key]

    def _grid(self, laws: tuple[Term, ...], kinks: tuple[Term, ...], support: Support, rule: Rule) -> Grid:
        key = (laws, kinks, support, rule)
        if key not in self._grids:
            scales = self._scales(laws, kinks, support)
            self._grids[key] = build(self.ctx, support, rule, self.digits + GRID_GUARD_DIGITS, scales)
        return self._grids[key]

    def _scales(self, laws: Sequence[Term], kinks: Sequence[Term], support: Support) -> list[Scale]:
        m = Namespace(reals(self.ctx))
        return [
            scale(self.ctx, m, law, [self._value(a).mid for a in law.args[1:]], support, weighs=law in laws)
            for law in dict.fromkeys([*laws, *kinks])
        ]
