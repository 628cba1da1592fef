"""Hand arrays of other libraries to the code that computes with those libraries."""

from __future__ import annotations

from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import numpy as np

from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.numeric.libraries import namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

P = ParamSpec("P")
R = TypeVar("R")

# What needs no second look: small NumPy arrays would spend a tenth of their time on one.
OURS = {np.ndarray, float, int, list, tuple, np.float64, np.float32, bool, type(None)}


def by_library(function: Callable[P, R]) -> Callable[P, R]:
    """Let a kernel of NumPy arrays take torch, JAX and Dask arrays too: their namesake in `tensors` or `lazy` runs."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for value in (*args, *kwargs.values()) if kwargs else args:
            if type(value) not in OURS:
                break
        else:
            return function(*args, **kwargs)
        other: Callable[P, R] | None = _namesake(function.__name__, (*args, *kwargs.values()))
        if other is None:
            return function(*args, **kwargs)
        if kwargs.pop("out", None) is not None:
            raise RequestError("out is for NumPy arrays; arrays of other libraries are returned")
        return other(*args, **kwargs)

    return wrapper


def _namesake(name: str, values: Iterable[object]) -> Callable[P, R] | None:
    """Return the function of the same name for the arrays of another library, or None if there are none.

    Raises
    ------
    RequestError
        If there are, but no such function.
    """
    kinds = [(type(value), namespace(value)) for value in values if type(value) not in OURS]
    others = [(kind, xp.__name__) for kind, xp in kinds if xp is not None]
    if not others:
        return None
    from kl_symbolic.numeric import tensors

    # By name: what `lazy` imports imports this file.
    lazy = any("dask" in library for _, library in others)
    module = import_module("kl_symbolic.numeric.lazy") if lazy else tensors
    found: Callable[P, R] | None = getattr(module, name, None)
    if found is None:
        kind, _ = others[0]
        raise WrongTypeError(f"{name} takes NumPy arrays; got {kind.__module__}.{kind.__name__}")
    return found
