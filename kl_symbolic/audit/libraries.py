"""The array libraries in which a function may be written; torch and JAX are imported when they are needed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
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


IMAGE_AXES = 4  # samples x channels x height x width


class CallError(Exception):
    """The function raised an error, or returned what is no array of real numbers."""


class AnswerError(CallError):
    """The function can be called, but returned nothing, or several things and it is not said which of them is meant."""


@dataclass(frozen=True)
class Library:
    """How arrays get into a library and out of it, how it joins them, and how it differentiates.

    ``gradient(function, arrays)`` returns the derivatives of the sum of what the function returns.
    """

    name: str
    array: Callable[[Array], Any]
    numpy: Callable[[Any], Array]
    concatenate: Callable[[Sequence[Any], int], Any]
    gradient: Callable[[Function, Sequence[Array]], list[Array]] | None = None

    def joined(self, arrays: Sequence[Any]) -> Any:
        """Return arrays as one, along the axis of coordinates: that of the channels, if there are height and width."""
        return self.concatenate(arrays, 1 if len(np.shape(arrays[0])) == IMAGE_AXES else -1)


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
        return Library(name, np.array, _as_numpy, np.concatenate)
    if name == "python":
        return Library(
            name, _as_python, _as_numpy, lambda arrays, axis: np.concatenate(np.atleast_1d(*arrays), axis).tolist()
        )
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
    if value is None:
        raise AnswerError("it returned None, an array is expected")
    entries = keys(value)
    if isinstance(value, tuple | Mapping) and not entries:
        raise AnswerError(f"it returned an empty {type(value).__name__}, an array is expected")
    if isinstance(value, tuple | Mapping) or (entries and _is_no_array(value)):
        item = f"item={entries[0]!r} (--item {entries[0]})"
        raise AnswerError(f"it returned {contents(value)}: say which is the divergence, with {item}")
    found = np.asarray(value)
    if found.dtype.kind not in "fiu":
        raise CallError(f"it returned values of type {found.dtype}, real numbers are expected")
    return found


def _is_no_array(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind == "O"
    except ValueError:  # of entries with different shapes
        return True


def keys(answer: Any) -> list[Any]:
    """Return the keys of a dictionary, the names of the attributes of a record, or the places in a sequence."""
    if isinstance(answer, Mapping):
        return list(answer)
    named = getattr(answer, "_fields", None) or [name for name in getattr(answer, "__dict__", ()) if name[:1] != "_"]
    return list(named or (range(len(answer)) if isinstance(answer, tuple | list) else ()))


def contents(answer: Any) -> str:
    """Say what an answer consists of.

    >>> contents((1, 2)), contents({"loss": 1, "kl": 2}), contents(1.5)
    ('a tuple of 2', 'a dict with loss, kl', 'a float')
    """
    name, entries = type(answer).__name__, keys(answer)
    article = "an" if name[:1] in "aeiouAEIOU" else "a"
    if not entries:
        return f"{article} {name}"
    return f"{article} {name} " + (f"of {len(entries)}" if entries[0] == 0 else f"with {', '.join(map(str, entries))}")


def _as_python(array: Array) -> Any:
    return array.item() if array.ndim == 0 else array.tolist()


def _torch() -> Library:
    torch = import_module("torch")

    def gradient(function: Function, arrays: Sequence[Array]) -> list[Array]:
        leaves = [torch.tensor(a, requires_grad=True) for a in arrays]
        with torch.enable_grad():
            value = function(*leaves).sum()
        found = torch.autograd.grad(value, leaves, allow_unused=True)
        return [np.zeros_like(a) if g is None else _as_numpy(g) for a, g in zip(arrays, found, strict=True)]

    return Library("torch", torch.tensor, _as_numpy, torch.cat, gradient)


def _jax() -> Library:
    jax = import_module("jax")

    def gradient(function: Function, arrays: Sequence[Array]) -> list[Array]:
        def value(*args: Any) -> Any:
            return jax.numpy.sum(function(*args))

        found = jax.grad(value, argnums=tuple(range(len(arrays))))(*map(jax.numpy.asarray, arrays))
        return [_as_numpy(g) for g in found]

    return Library("jax", jax.numpy.asarray, _as_numpy, jax.numpy.concatenate, gradient)
