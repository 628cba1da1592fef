"""Our functions as competitors, and a loop that does nothing but read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
from competitor import Competitor, Function, nothing
from laws import Pair, pairs
from peers_jax import in_jax
from peers_torch import in_torch

LARGE = 1 << 17  # numbers that are worth threads
SWITCH = "KL_SYMBOLIC_NUMBA"  # read when kl_symbolic.numeric is imported; "0" keeps it from compiling


def our_value(pair: Pair) -> Function:
    """Return our divergence of laws of several coordinates."""
    numeric = import_module("kl_symbolic.numeric")
    if pair.is_discrete:
        found: Function = numeric.kl_discrete
        return found
    (p, q), names = pair.products, pair.names
    return lambda *laws, **options: numeric.kl(p, q, param=pair.param, **options, **dict(zip(names, laws, strict=True)))


def our_line(pair: Pair) -> Function:
    """Return our divergence of each coordinate; of discrete laws there is only the sum."""
    if pair.is_discrete:
        return lambda *laws: our_value(pair)(*laws)[..., None]
    kl = import_module("kl_symbolic.numeric").kl
    return lambda *laws: kl(pair.p, pair.q, param=pair.param, **dict(zip(pair.names, laws, strict=True)))


def our_both(pair: Pair) -> Function | None:
    """Return our divergence of each coordinate with its derivatives."""
    if pair.is_discrete:
        return None
    both = import_module("kl_symbolic.numeric").kl_value_and_grad

    def found(*laws: Any) -> tuple[Any, ...]:
        value, slopes = both(pair.p, pair.q, param=pair.param, **dict(zip(pair.names, laws, strict=True)))
        return value, *slopes.values()

    return found


def ours_in_numpy() -> Competitor:
    """Return our functions, kept from compiling; to be made before anything imports them."""
    os.environ[SWITCH] = "0"
    return Competitor(our_value, our_both)


def ours_in_numba() -> Competitor:
    """Return our functions, compiled; to be made before anything imports them.

    Raises
    ------
    ImportError
        If they do not run compiled.
    """
    os.environ.pop(SWITCH, None)
    if find_spec("numba") is None:
        raise ImportError("No module named 'numba'")
    our_value(pairs()["normal-standard_normal-logvar"])(*np.zeros((2, 4096, 64)))
    if "numba" not in sys.modules:
        raise ImportError("kl_symbolic.numeric did not import numba")
    return Competitor(our_value, our_both)


def ours_on_torch() -> Competitor:
    """Return our functions for tensors, the derivatives by torch."""
    return _probed(in_torch(our_line, our_value))


def ours_on_jax() -> Competitor:
    """Return our functions for JAX arrays, compiled by JAX as the textbook's lines are, the derivatives by JAX."""
    return _probed(in_jax(our_line, our_value))


def _probed(found: Competitor) -> Competitor:
    function = found.value(pairs()["normal-standard_normal-logvar"])
    assert function is not None
    function(*(found.array(np.zeros((1, 1))) for _ in range(2)))
    return found


def reading_loop() -> Competitor:
    """Return what only reads the arrays, and adds them up: nothing that takes all numbers is faster."""
    return Competitor(lambda pair: READERS[find_spec("numba") is not None](len(pair.names)), nothing)


def _compiled_reader(count: int) -> Function:
    numba = import_module("numba")
    names = ", ".join(f"a{k}" for k in range(count))
    rows = " + ".join(f"added(a{k}[i])" for k in range(count))
    source = f"""
@njit(error_model="numpy", fastmath=True)
def added(terms):
    total = 0.0
    for j in range(len(terms)):
        total += terms[j]
    return total

@njit(nogil=True, error_model="numpy")
def read({names}, sums):
    for i in range(len(sums)):
        sums[i] = {rows}
"""
    space: dict[str, Any] = {"njit": numba.njit}
    exec(source, space)  # noqa: S102  # for each number of arrays
    read, threads = space["read"], ThreadPoolExecutor(numba.config.NUMBA_NUM_THREADS)

    def run(*laws: np.ndarray) -> np.ndarray:
        """Share the rows among as many threads as ours do."""
        sums = np.empty(len(laws[0]), laws[0].dtype)
        parts = numba.config.NUMBA_NUM_THREADS if laws[0].size > LARGE else 1
        bounds = [len(sums) * k // parts for k in range(parts + 1)]
        if parts == 1:
            read(*laws, sums)
        else:
            list(threads.map(lambda ends: read(*(v[slice(*ends)] for v in (*laws, sums))), pairwise(bounds)))
        return sums

    return run


READERS: dict[bool, Callable[[int], Function]] = {
    True: _compiled_reader,
    False: lambda _: lambda *laws: sum(law.sum(axis=-1) for law in laws),
}
