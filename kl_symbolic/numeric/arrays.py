"""Programs on NumPy arrays: arguments that broadcast, sums over axes, and places for the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from kl_symbolic.numeric import probabilities
from kl_symbolic.numeric.axes import AnyAxis, back, blocks, last, summed_axes, without
from kl_symbolic.numeric.formula import Formula, Routine
from kl_symbolic.numeric.inputs import HALF, Floats, name_of, read
from kl_symbolic.numeric.out import as_slots, may_share
from kl_symbolic.numeric.rows import Rows, require_valid

FEW = 1 << 9  # numbers, of which a copy takes no time, and which are left alone if there is an error
# Where NumPy does not warn: what overflows shows it. A copy of it costs a tenth of what `numpy.errstate` does.
QUIET = Context()
QUIET.run(np.seterr, all="ignore")


def compute(
    formula: Formula,
    routine: Routine,
    arguments: Mapping[str, Any],
    axis: AnyAxis,
    unit: float = 1,
    out: Sequence[Floats] | None = None,
    dtype: Any = None,
) -> list[Floats]:
    """Return the results of a program: the first summed over axes, all others elementwise.

    Parameters
    ----------
    formula
        What is computed.
    routine
        Its value, or its value with derivatives.
    arguments
        The arguments by name, in the order of its program.
    axis
        What is summed over.
    unit
        By what the results are divided.
    out
        Arrays to write the results to.
    dtype
        The dtype of the results, if it is to be another.

    Raises
    ------
    RequestError
        If an argument is not valid, the shapes do not broadcast, there is no such axis, or `out` does not fit.
    """
    arrays, shape = read(arguments)
    if dtype is not None and name_of(dtype) == "float64":
        arrays = [v.astype(np.float64, copy=False) for v in arrays]
    axes, computed = summed_axes(axis, shape), arrays[0].dtype
    work = Request(formula, routine, arguments, arrays, shape, axis, axes)
    kept, summed = without(axes, shape), tuple(shape[k] for k in axes)
    shapes = [kept, *[(*kept, *summed)] * (len(routine.program.results) - 1)]
    if out is None:
        found = [np.empty(one, computed) for one in shapes]
        work.fill(found, unit)
        given = [v if k == 0 else back(v, axes) for k, v in enumerate(found)]
        wanted: list[Floats] = given if dtype is None else [QUIET.copy().run(v.astype, dtype) for v in given]
        return [v[()] for v in wanted]
    slots = as_slots(out, [kept, *[shape] * (len(shapes) - 1)], dtype_of(out[0], arguments, computed, dtype))
    own = [slots[0], *(last(v, axes) for v in slots[1:])]
    usable = own[0].size > FEW and all(v.flags.c_contiguous and v.flags.aligned and v.dtype == computed for v in own)
    if usable and not may_share(slots, list(arguments.values())):
        work.fill(own, unit)
    else:
        found = [np.empty(v.shape, computed) for v in own]
        work.fill(found, unit)
        for slot, values in zip(own, found, strict=True):
            QUIET.copy().run(slot.__setitem__, ..., values)
    return list(out)


def dtype_of(out: Any, arguments: Mapping[str, Any], computed: Any, dtype: Any) -> Any:
    """Return the dtype that `out` must have: that of the results; for arguments in half precision it may be theirs."""
    if dtype is None and isinstance(out, np.ndarray) and out.dtype.name in HALF:
        given = [v.dtype for v in arguments.values() if isinstance(v, np.ndarray)]
        return out.dtype if out.dtype in given else computed
    return computed if dtype is None else np.dtype(dtype)


@dataclass(frozen=True)
class Request:
    """A formula, and arguments of one dtype that broadcast."""

    formula: Formula
    routine: Routine
    given: Mapping[str, Any]
    arrays: Sequence[Floats]
    shape: tuple[int, ...]
    axis: AnyAxis
    axes: tuple[int, ...]

    @property
    def operands(self) -> list[Floats]:
        """The arguments in one shape, whose last axes are those that are summed over."""
        return [last(v if v.shape == self.shape else np.broadcast_to(v, self.shape), self.axes) for v in self.arrays]

    def check(self) -> None:
        """Raise an error if an argument is not valid, with its place as it was given."""
        arrays = dict(zip(self.given, self.arrays, strict=True))
        if self.formula.totals:
            probabilities.require_probabilities(self.formula, arrays)
        require_valid(self.formula, arrays)
        if self.formula.totals:
            kept, width = without(self.axes, self.shape), prod(self.shape[k] for k in self.axes)
            rows = dict(zip(self.given, (v.reshape(*kept, width) for v in self.operands), strict=True))
            probabilities.require_one(self.formula.totals(rows), self.tolerance, self.axis)

    @property
    def tolerance(self) -> float:
        """How much the sum of probabilities may differ from 1."""
        return probabilities.tolerance(self.given.values())

    def fill(self, results: Sequence[Floats], unit: float) -> None:
        """Write the results, contiguous arrays whose last axes are those that are summed over."""
        size = prod(self.shape)
        if not size or self.formula.is_checked_first:
            self.check()
        if size:
            QUIET.copy().run(self._by_blocks, results, unit)
        else:
            results[0][...] = 0

    def _by_blocks(self, results: Sequence[Floats], unit: float) -> None:
        width = prod(self.shape[k] for k in self.axes)
        operands = self.operands
        if not self.axes:
            operands = [v[..., None] for v in operands]
        if operands[0].ndim <= max(1, len(self.axes)):
            operands = [v[None] for v in operands]
        first = results[0].reshape(-1) if self.axes else results[0].reshape(-1, 1)
        places = [first, *(v.reshape(-1, width) for v in results[1:])]
        rows = Rows(self.formula, self.routine, self.check, self.tolerance if self.formula.totals else 0)
        start = 0
        for block in blocks(operands, width, rows.block):
            stop = start + len(block[0])
            some = [v[start:stop] for v in places]
            rows.fill(block, some)
            if unit != 1:
                for values in some:
                    np.divide(values, unit, out=values)
            start = stop
