"""The compiled kernels as `blocks` calls them, and the threads that share a large array."""

from __future__ import annotations

import os
from functools import cache, partial
from itertools import pairwise
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias

import numba
import numpy as np

from kl_symbolic.numeric.compiled_loops import DERIVATIVES, STREAMED, VALUES
from kl_symbolic.numeric.compiled_sums import (
    diag_normal_sums,
    discrete_sums,
    normal_elementwise,
    normal_ufunc,
    standard_normal_sums,
)
from kl_symbolic.numeric.inputs import WARNS, WRITEABLE, Floats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kl_symbolic.numeric.kernel import Kernel, Masks

Task: TypeAlias = "tuple[Callable[..., int], Sequence[Floats], SimpleQueue[int | Exception]]"

CACHE = 1 << 26  # bytes; of more, little is still in the processor's caches when they are read again
PART = 1 << 20  # bytes that are worth a thread of their own, which takes a while to wake up

SUMS: dict[str, Callable[..., int]] = {
    "standard_normal": standard_normal_sums,
    "diag_normal": diag_normal_sums,
    "normal": normal_elementwise,
    "discrete": discrete_sums,
}
UFUNCS: dict[str, Callable[[], Callable[..., Floats]]] = {"normal": normal_ufunc}  # of terms


def run(kernel: Kernel, operands: Sequence[Floats], sums: Floats, gradient: Sequence[Floats]) -> Masks | None:
    """Do the rows of one block, as `kernel.Run` says."""
    # Numba would compile another function for an array that it must not write to, or warn.
    operands = [v if v.flags.num & (WRITEABLE | WARNS) == WRITEABLE else v.copy() for v in operands]
    size = operands[0].nbytes * (len(operands) + len(gradient))
    parts, function = size // PART, SUMS[kernel.name]
    if kernel.derivatives is not None:
        function = partial(function, (STREAMED if size > CACHE else DERIVATIVES) if gradient else VALUES)
        gradient = gradient or [operands[0][:0]] * len(operands)
    arrays = [*operands, *gradient, sums]
    spoilt = function(*arrays) if parts <= 1 else _in_parallel(function, arrays, parts)
    if not spoilt:
        return None
    again = ~np.isfinite(sums)
    return again, again


def _in_parallel(function: Callable[..., int], arrays: Sequence[Floats], most: int) -> int:
    """Call a function on at most so many parts of the rows, each in a thread of its own; return the sum of its answers.

    The first part is the largest: the thread that calls need not wake up.
    """
    rows = len(arrays[0])
    parts = min(numba.config.NUMBA_NUM_THREADS, most, rows)
    ahead = rows // (4 * most)
    bounds = [0] + [ahead + (rows - ahead) * k // parts for k in range(1, parts + 1)]
    first, *others = [[v[begin:end] for v in arrays] for begin, end in pairwise(bounds)]
    answers: SimpleQueue[int | Exception] = SimpleQueue()
    for part in others:
        _tasks().put((function, part, answers))
    total = function(*first)
    for _ in others:
        answer = answers.get()
        if isinstance(answer, Exception):
            raise answer
        total += answer
    return total


@cache
def _tasks() -> SimpleQueue[Task]:
    """Return what threads wait for: `ThreadPoolExecutor` takes 20 us more to wake one, and to answer."""
    tasks: SimpleQueue[Task] = SimpleQueue()
    for _ in range(numba.config.NUMBA_NUM_THREADS - 1):
        Thread(target=_work, args=(tasks,), name="kl_symbolic", daemon=True).start()
    return tasks


def _work(tasks: SimpleQueue[Task]) -> None:
    while True:
        _answer(*tasks.get())


def _answer(function: Callable[..., int], arrays: Sequence[Floats], answers: SimpleQueue[int | Exception]) -> None:
    try:
        answers.put(function(*arrays))
    except Exception as error:  # noqa: BLE001  # the thread that asks is to raise it
        answers.put(error)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_tasks.cache_clear)  # a child has none of the threads
