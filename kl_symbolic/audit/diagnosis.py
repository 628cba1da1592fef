"""Find out what a function computes, and what it does with the axes, from its values at laws that are far apart.

They are compared by numbers: agreement is evidence for what a function computes, and never a proof of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np

from kl_symbolic.audit.exact import Real, computation, mp
from kl_symbolic.audit.orders import other_orders
from kl_symbolic.audit.probe import Probe
from kl_symbolic.audit.reductions import Reduction
from kl_symbolic.audit.samples import added_to_all, added_to_each, only_one
from kl_symbolic.audit.target import Columns, Target, Values, approximate, evaluated
from kl_symbolic.slips import Candidate, Slip, plus, search
from kl_symbolic.slips.constants import recognised
from kl_symbolic.terms import Number, Term

SPARE = 3  # digits of floating-point numbers that rounding may take
SHOWN = 8  # digits of a constant that is not recognised
SINGLE = math.sqrt(float(np.finfo(np.float32).eps))  # the tolerance for what computes with few digits inside


@dataclass(frozen=True)
class Diagnosis:
    """What a function computes, as far as numbers can tell.

    `right` says that it is the divergence; `words` says what it is otherwise, where that is known. The reduction is
    None where no convention gives an answer of this shape. `tolerance` says how large a relative difference was taken
    for none, and `shape` what is wrong with that of one sample.
    """

    right: bool
    reduction: Reduction | None
    words: str | None = None
    points: int = 0
    digits: int = 0
    tolerance: float = 0.0
    shape: str | None = None


@dataclass(frozen=True)
class ByDigits:
    """A judge of a function: floating-point numbers say quickly what it is not, 60 digits what it seems to be.

    Expressions are in the parameters of the general question. `special` says that they are of the special case, so that
    none with a parameter that has a value there is what somebody wrote.
    """

    probe: Probe
    columns: Columns
    reductions: Sequence[Reduction]
    target: Target
    special: bool = False

    @property
    def digits(self) -> int:
        """To how many digits constants are told apart."""
        return int(-math.log10(self.probe.eps)) - SPARE

    def agrees(self, expression: Term) -> bool:
        """Return whether the answers are some reduction of an expression."""
        return self.explained(expression) is not None

    def explained(self, expression: Term) -> tuple[Reduction, int, int] | None:
        """Return of which reduction the answers are, at how many points and to how many digits."""
        if self.special and self.target.in_general(expression):
            return None
        expression = self.target.put_in(expression)
        quickly, rough = replace(self.probe, tolerance=2 * self.probe.tolerance), approximate(expression, self.columns)
        likely = [r for r in self.reductions if quickly.digits(rough, r)]
        return self.agreement(evaluated(computation(expression), self.columns), likely) if likely else None

    def agreement(self, values: Values, reductions: Sequence[Reduction]) -> tuple[Reduction, int, int] | None:
        """Return the first reduction of values that the answers are, at how many points and to how many digits."""
        for reduction in reductions:
            found = self.probe.digits(values, reduction)
            if found is not None:
                return reduction, *found
        return None

    def ratios(self, expression: Term) -> list[Real]:
        """Return the answers divided by each reduction of an expression, where that is a constant."""
        return self._constants(expression, lambda given, wanted, _: given / wanted)

    def gap(self, expression: Term) -> Real | None:
        """Return what is added at each coordinate, where that is a constant and not 0."""
        found = self._constants(expression, lambda given, wanted, weight: (given - wanted) / weight)
        return found[0] if found and abs(found[0]) > self.probe.tolerance else None

    def _constants(self, expression: Term, combine: Callable[..., Any]) -> list[Real]:
        """Return what two arrays and the weight of a coordinate combine to, if all answers give the same."""
        values, constants = approximate(self.target.put_in(expression), self.columns), []
        for reduction in self.reductions:
            found: list[float] = []
            with np.errstate(all="ignore"):
                for parts in self.probe.weighed(values, reduction, lambda _: 1.0):
                    found += np.ravel(combine(*parts)).tolist()
            spread = max(found, default=math.nan) - min(found, default=math.nan)
            if spread <= 2 * self.probe.tolerance * max(1e-9, *map(abs, found), 0.0):
                constants.append(mp.mpf(float(np.median(found))))
        return constants


def diagnose(
    target: Target,
    columns: Columns,
    order: Sequence[str],
    probe: Probe,
    reductions: Sequence[Reduction],
    *,
    constants: bool = True,
) -> Diagnosis:
    """Find the reduction and the meaning that explain the answers.

    Parameters
    ----------
    target
        What a function should compute.
    columns, order
        Its arguments, samples x coordinates, by name, and their order.
    probe
        Its answers.
    reductions
        Those that it may follow.
    constants
        Whether to look for constants that are added for each sample, or for all.
    """
    truth = target.values(columns)
    fitting = [r for r in reductions if np.shape(r.apply(truth)) == probe.answer.shape]
    if not fitting:
        return Diagnosis(False, None)
    judge = ByDigits(probe, columns, fitting, target, special=target.derivation.is_special)
    found = judge.agreement(truth, fitting)
    if found is not None:
        return Diagnosis(True, found[0], None, *found[1:], tolerance=probe.tolerance)
    for reduction in fitting:
        found = replace(judge, probe=probe.reshaped(truth, reduction)).agreement(truth, [reduction])
        if found is not None:
            given = next((one.shape for one in probe.single if one is not None), ())
            words = f"for one sample it returns the shape {given}; expected: {np.shape(reduction.apply(truth[:1]))}"
            return Diagnosis(True, reduction, None, *found[1:], tolerance=probe.tolerance, shape=words)
    rough = replace(judge, probe=replace(probe, tolerance=SINGLE)).agreement(truth, fitting)
    if rough is not None:  # the divergence, to few digits: how few is found out region by region
        return Diagnosis(True, rough[0], None, *rough[1:], tolerance=SINGLE)
    one = only_one(probe)
    if one is not None:
        return Diagnosis(False, fitting[0], one[0], probe.answer.size, one[1])
    known, ours = target.quantities, [target.ours.get(name, name) for name in order]
    return (
        _explained(judge, chain(search(known, judge), other_orders(known[0], order, ours, judge)))
        or (_of_any_values(target, judge) if judge.special else None)
        or (_without_constants(target, columns, order, judge, reductions, truth) if constants else None)
        or _explained(judge, _by_numbers(known[0], judge))
        or Diagnosis(False, fitting[0])
    )


def _explained(judge: ByDigits, slips: Iterable[Slip]) -> Diagnosis | None:
    """Return the first slip that the answers are."""
    for slip in slips:
        found = judge.explained(slip.expression)
        if found is not None:
            return Diagnosis(False, found[0], slip.words, *found[1:])
    return None


def _of_any_values(target: Target, judge: ByDigits) -> Diagnosis | None:
    """Say what is wrong with the general closed form into which the values were put."""
    general = replace(judge, special=False)
    return _explained(general, search(target.general, general))


def _by_numbers(right: Candidate, judge: ByDigits) -> Iterator[Slip]:
    """Yield a multiple of what is right, and it plus a constant, with numbers that nobody knows."""
    for ratio in judge.ratios(right.expression):
        words = f"this is {mp.nstr(ratio, SHOWN)} times {right.words}"
        yield Slip(words, Fraction(float(ratio)) * right.expression, right)
    gap = judge.gap(right.expression)
    if gap is not None:
        yield plus(right, Number(Fraction(float(gap))), mp.nstr(gap, SHOWN))


def _without_constants(
    target: Target,
    columns: Columns,
    order: Sequence[str],
    judge: ByDigits,
    reductions: Sequence[Reduction],
    truth: Values,
) -> Diagnosis | None:
    """Say what the answers are without what is added other than at each coordinate."""
    right = target.quantities[0]
    for constant, each, rest in _added(judge, truth):
        found = diagnose(target, columns, order, rest, reductions, constants=False)
        known = recognised(mp.mpf(constant), judge.digits)
        decimal = mp.nstr(mp.mpf(constant), SHOWN)
        also = f"{decimal if known is None else f'{right.written(known)} = {decimal}'} is added for {each}"
        if found.right:
            return replace(found, right=False, words=f"this is {right.words}, but {also}")
        if found.words is not None:
            return replace(found, words=f"{found.words}; and {also}")
    return None


def _added(judge: ByDigits, truth: Values) -> Iterator[tuple[float, str, Probe]]:
    """Yield a constant, for what it is added, and the answers without it."""
    found = added_to_all(judge.probe)
    if found is not None:
        yield found[0], "the whole batch", found[1]
    for reduction in judge.reductions:
        found = added_to_each(judge.probe, truth, reduction)
        if found is not None:
            yield found[0], "each sample", found[1]
