"""The array libraries in which a function may be written; torch and JAX are imported when they are needed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.errors import MissingProgramError, RequestError

Array = NDArray[Any]
Function = Callable[..., Any]
LibraryName = Literal["numpy", "torch", "jax", "python"]
LIBRARIES = get_args(LibraryName)


@dataclass(frozen=True)
class Library:
    """How arrays get into a library and out of it, and how it differentiates.

    ``gradient(function, arrays)`` returns the derivatives of the sum of what the function returns.
    """

    name: str
    array: Callable[[Array], Any]
    numpy: Callable[[Any], Array]
    gradient: Callable[[Function, Sequence[Array]], list[Array]] | None = None


def library(name: str) -> Library:
    """Return a library by its name.

    Raises
    ------
    MissingProgramError
        If it is not installed, or cannot be imported.

    Examples
    --------
    >>> library("numpy").name
    'numpy'
    """
    if name not in LIBRARIES:
        raise RequestError(f"library must be one of {', '.join(LIBRARIES)}, given: {name!r}")
    if name == "numpy":
        return Library(name, np.array, _as_numpy)
    if name == "python":
        return Library(name, lambda a: a.item() if a.ndim == 0 else a.tolist(), _as_numpy)
    if find_spec(name) is None:
        raise MissingProgramError(f"{name} is not installed; install it with: pip install {name}")
    try:
        return _torch() if name == "torch" else _jax()
    except Exception as error:
        raise MissingProgramError(f"{name} cannot be imported: {type(error).__name__}: {str(error)[:160]!r}") from error


def library_of(value: object) -> str | None:
    """Return the name of the library that made a value, where it is torch or JAX."""
    module = type(value).__module__.split(".")[0]
    return {"torch": "torch", "jax": "jax", "jaxlib": "jax"}.get(module)


@contextmanager
def undisturbed(name: str) -> Iterator[None]:
    """Keep the warnings of a function quiet, and let JAX compute with 64 bits meanwhile."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if name == "jax":
            jax = import_module("jax")
            switch = jax if hasattr(jax, "enable_x64") else import_module("jax.experimental")  # until JAX 0.8
            with switch.enable_x64(True):
                yield
        else:
            yield


def _as_numpy(value: Any) -> Array:
    if library_of(value) == "torch":
        value = value.detach().cpu().resolve_conj().numpy()
    if isinstance(value, tuple | dict) or value is None:
        raise TypeError(f"it returned a {type(value).__name__}, an array is expected")
    found = np.asarray(value)
    if found.dtype.kind not in "fiu":
        raise TypeError(f"it returned values of type {found.dtype}, real numbers are expected")
    return found


def _torch() -> Library:
    torch = import_module("torch")

    def gradient(function: Function, arrays: Sequence[Array]) -> list[Array]:
        leaves = [torch.tensor(a, requires_grad=True) for a in arrays]
        with torch.enable_grad():
            value = function(*leaves).sum()
        found = torch.autograd.grad(value, leaves, allow_unused=True)
        return [np.zeros_like(a) if g is None else _as_numpy(g) for a, g in zip(arrays, found, strict=True)]

    return Library("torch", torch.tensor, _as_numpy, gradient)


def _jax() -> Library:
    jax = import_module("jax")

    def gradient(function: Function, arrays: Sequence[Array]) -> list[Array]:
        def value(*args: Any) -> Any:
            return jax.numpy.sum(function(*args))

        found = jax.grad(value, argnums=tuple(range(len(arrays))))(*map(jax.numpy.asarray, arrays))
        return [_as_numpy(g) for g in found]

    return Library("jax", jax.numpy.asarray, _as_numpy, gradient)
