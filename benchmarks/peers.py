"""Who competes: the array functions, the textbook's lines, and the libraries that people use instead.

A competitor is made when it is needed, so that one that is not installed disturbs nobody: making it raises ImportError.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from competitor import Competitor, Function, functions, if_known, lines, nothing, textbook
from laws import Pair
from ours import ours_in_numba, ours_in_numpy, ours_on_jax, ours_on_torch, reading_loop
from peers_jax import jax_jit
from peers_torch import torch_compile, torch_distributions, torch_eager


def numpy_textbook() -> Competitor:
    """Return the textbook's lines in NumPy, those with gamma functions by scipy."""
    special = import_module("scipy.special") if find_spec("scipy") else None

    def value(pair: Pair) -> Function:
        line = textbook(np, special, pair)
        return lambda *laws: np.sum(line(*laws), axis=-1)

    def both(pair: Pair) -> Function | None:
        if pair.is_discrete:
            return None
        return lines(pair, (pair.closed.expr, *pair.slopes.expr), functions(np, special))

    return Competitor(if_known(special, value), if_known(special, both))


def scipy_rel_entr() -> Competitor:
    """Return the sum of scipy's relative entropies, which is for discrete laws only."""
    rel_entr = import_module("scipy.special").rel_entr
    return Competitor(
        lambda pair: (lambda p, q: np.sum(rel_entr(p, q), axis=-1)) if pair.is_discrete else None, nothing
    )


def scipy_entropy() -> Competitor:
    """Return scipy's entropy, which is for discrete laws only."""
    entropy = partial(import_module("scipy.stats").entropy, axis=-1)
    return Competitor(lambda pair: entropy if pair.is_discrete else None, nothing)


def numexpr() -> Competitor:
    """Return the textbook's lines in numexpr, which has no gamma functions, the sum in NumPy."""
    evaluate = import_module("numexpr").evaluate

    def value(pair: Pair) -> Function:
        expression = "p*log(p/q)" if pair.is_discrete else str(pair.closed.expr)
        names = ("p", "q") if pair.is_discrete else pair.closed.parameters
        return lambda *laws: evaluate(expression, dict(zip(names, laws, strict=True)), truediv=True).sum(axis=-1)

    return Competitor(if_known(None, value), nothing)


TEXT = "NumPy textbook"
NUMPY, NUMBA = OURS = ("kl_symbolic NumPy", "kl_symbolic Numba")
READ = "reading loop"
COMPETITORS: dict[str, Callable[[], Competitor]] = {
    TEXT: numpy_textbook,
    READ: reading_loop,
    NUMPY: ours_in_numpy,
    NUMBA: ours_in_numba,
    "kl_symbolic torch": ours_on_torch,
    "kl_symbolic JAX": ours_on_jax,
    "torch eager": torch_eager,
    "torch.compile": torch_compile,
    "torch.distributions": torch_distributions,
    "jax.jit": jax_jit,
    "numexpr": numexpr,
    "scipy rel_entr": scipy_rel_entr,
    "scipy entropy": scipy_entropy,
}

COMPILED = {NUMBA, "kl_symbolic JAX", "torch.compile", "jax.jit"}  # for each pair of laws, which takes seconds


def reason(error: BaseException) -> str:
    """Return in one line why a competitor is absent."""
    kind = "not installed" if isinstance(error, ImportError) else f"failed: {type(error).__name__}"
    return f"{kind}: {' '.join(str(error).split())[:160]}"
