"""Programs on matrices of NumPy, whose rows are summed; and what is computed again.

A number whose arguments lie where the error has a bound beforehand is good as it is. Elsewhere arguments are looked at,
and beside each value the bound of its error is computed; a number with too large a one is computed again, in decimals.
Where Numba is installed, compiled loops do the ordinary arguments. Without it, sums are first computed by cheaper
programs, and those that are small again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.code.running import Running
from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import loops
from kl_symbolic.numeric.formula import Formula, Routine
from kl_symbolic.numeric.inputs import Floats, require

BLOCK = 1 << 14  # numbers in a block, of which a dozen stay in the second-level cache
COPIED = 1 << 20  # numbers in a block for compiled loops, which need none but for arrays that are not contiguous
SUBNORMAL_ERRORS = 64  # of the smallest number: below the normal numbers, errors are a few of these


@dataclass(frozen=True)
class Rows:
    """A formula, and what it is asked for.

    Parameters
    ----------
    formula
        What is computed.
    routine
        Its value, or its value with derivatives.
    check
        Raises an error that names the place of an argument as it was given, if one is not valid.
    tolerance
        How much the totals of the formula may differ from 1.
    """

    formula: Formula
    routine: Routine
    check: Callable[[], None]
    tolerance: float = 0

    @property
    def is_compiled(self) -> bool:
        """Whether compiled loops do the ordinary arguments."""
        return self.formula.compiled and bool(self.formula.within) and loops.available()

    @property
    def block(self) -> int:
        """How many numbers a matrix should have at most."""
        return COPIED if self.is_compiled else BLOCK

    def fill(self, operands: Sequence[Floats], results: Sequence[Floats]) -> None:
        """Write the results.

        Parameters
        ----------
        operands
            The arguments: contiguous matrices.
        results
            Where to write: the sums of the first result, one for each row, or a matrix if it is not summed; then
            matrices for all others.

        Raises
        ------
        RequestError
            If an argument is not valid.
        """
        if self.formula.totals is not None:
            totals = self.formula.totals(dict(zip(self.routine.program.arguments, operands, strict=True)))
            if not all((np.abs(sums - 1) <= self.tolerance).all() for sums in totals.values()):
                self.check()
        if self.is_compiled:
            odd = self._compiled(operands, results) > 0
        else:
            if self.formula.within:
                self._write_ordinary(operands, results)
            odd = not self._are_ordinary(operands)
        if odd:
            self._write_odd(operands, results)

    def _compiled(self, operands: Sequence[Floats], results: Sequence[Floats]) -> int:
        program, within, sums = self.routine.program, self.formula.within, results[0]
        if sums.ndim > 1:
            flat = [[v.reshape(-1) for v in arrays] for arrays in (operands, results)]
            return loops.run_elements(program, within, *flat)
        wide = sums if sums.dtype == np.float64 else np.empty(sums.shape)
        outside = loops.run_rows(program, within, operands, wide, results[1:])
        if wide is not sums:
            sums[...] = wide
        return outside

    def _are_ordinary(self, operands: Sequence[Floats]) -> bool:
        """Return whether all arguments lie where errors have a bound beforehand; NaN does not."""
        within = self.formula.within
        for name, array in zip(self.routine.program.arguments, operands, strict=True):
            # NaN counts as the least.
            if not (name in within and array.min() >= within[name].low and array.max() <= within[name].high):
                return False
        return True

    def _write_ordinary(self, operands: Sequence[Floats], results: Sequence[Floats]) -> None:
        cheap = self.routine.cheap
        if cheap is None:
            write(self.routine.function, operands, results)
            return
        write(self.routine.cheap_function, operands, results)
        sums = results[0]
        least = cheap.least * (operands[0].shape[1] if sums.ndim == 1 else 1) + cheap.at_least
        most = cheap.most
        if not (sums.item(sums.argmin()) >= least and sums.item(sums.argmax()) <= most):
            (rows,) = np.nonzero(~((sums >= least) & (sums <= most)).reshape(len(sums), -1).all(axis=1))
            found = [np.empty((len(rows), *sums.shape[1:]), sums.dtype)]
            write(self.routine.first, [v[rows] for v in operands], found)
            sums[rows] = found[0]

    def _write_odd(self, operands: Sequence[Floats], results: Sequence[Floats]) -> None:
        """Write the rows again in which some arguments are not ordinary, after a look at these."""
        within, names = self.formula.within, self.routine.program.arguments
        odd = np.full(operands[0].shape, not within)
        for name, array in zip(names, operands, strict=True):
            if within:
                odd |= ~((within[name].low <= array) & (array <= within[name].high))
        (rows,) = np.nonzero(odd.any(axis=-1))
        some = [v[rows] for v in operands]
        try:
            require_valid(self.formula, dict(zip(names, some, strict=True)))
        except RequestError:
            self.check()
            raise
        found = [np.empty_like(some[0]) for _ in results]
        write(self.routine.function, some, found)
        self._correct(some, odd[rows], found)
        for place, values in zip(results, found, strict=True):
            place[rows] = row_sums(values) if place.ndim == 1 else values

    def _correct(self, operands: Sequence[Floats], odd: NDArray[np.bool_], results: Sequence[Floats]) -> None:
        """Compute those of some results again whose errors may be too large."""
        program, info = self.routine.program, np.finfo(results[0].dtype)
        missing = np.any([np.isnan(v) for v in operands], axis=0)
        results[0][missing] = np.nan
        exact, left = self.formula.exact, odd & ~missing
        if exact is None:
            return
        points = {name: v[left] for name, v in zip(program.arguments, operands, strict=True)}
        wrong = np.zeros(int(left.sum()), bool)
        for value, error in Running(np, info.dtype).errors(program, points):
            allowed = self.formula.eps * float(info.eps) * abs(value) + SUBNORMAL_ERRORS * float(
                info.smallest_subnormal
            )
            wrong |= ~(error <= allowed) | np.isinf(value)
        for place, index in zip(np.flatnonzero(wrong), map(tuple, np.argwhere(left)[wrong]), strict=True):
            try:
                numbers = exact(program, {name: float(v[place]) for name, v in points.items()})
            except RequestError:  # it is infinite, or no number
                continue
            for result, number in zip(results, numbers, strict=True):
                if not np.isnan(number):
                    result[index] = number


def write(function: Callable[..., Any], operands: Sequence[Floats], results: Sequence[Floats]) -> None:
    """Write what a function of arrays returns; rows that are longer than a block piece by piece."""
    width, parts = operands[0].shape[1], []
    for start in range(0, width, BLOCK):
        piece = slice(start, start + BLOCK)
        pieces = [v[:, piece] for v in operands] if width > BLOCK else operands
        found = function(*pieces)
        first, *others = found if isinstance(found, tuple) else (found,)
        if results[0].ndim == 1:
            parts.append(row_sums(np.broadcast_to(first, pieces[0].shape)))
        else:
            results[0][:, piece] = first
        for place, values in zip(results[1:], others, strict=True):
            place[:, piece] = values
    if parts:
        results[0][...] = parts[0] if len(parts) == 1 else np.sum(parts, axis=0)


def row_sums(terms: Floats) -> NDArray[np.float64]:
    """Return the sums of rows, in double precision."""
    sums: NDArray[np.float64] = np.asarray(terms, np.float64, order="C").sum(axis=-1)
    return sums


def require_valid(formula: Formula, arrays: Mapping[str, Floats]) -> None:
    """Refuse numbers that are not where their parameters lie; NaN passes.

    Raises
    ------
    RequestError
        With the first such number, its parameter and its place.
    """
    for name, array in arrays.items():
        space = formula.spaces[name]
        if not space.infinite:
            require(~np.isinf(array), name, array, "finite")
        require(~space.outside(array), name, array, space.words)
        if space.above is not None and (not isinstance(space.above, str) or space.above in arrays):
            low = arrays[space.above] if isinstance(space.above, str) else np.asarray(space.above)
            values, bounds = np.broadcast_arrays(array, low)
            above = space.above if isinstance(space.above, str) else f"{space.above:g}"
            require(~(values <= bounds), name, values, f"above {above}")
