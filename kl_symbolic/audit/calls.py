"""Calling a function that somebody wrote: in which library, with which layout of arguments; its errors are caught."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from kl_symbolic.audit.libraries import (
    AnswerError,
    Array,
    CallError,
    Function,
    Library,
    library,
    library_of,
    undisturbed,
)
from kl_symbolic.audit.way import Way
from kl_symbolic.errors import MissingProgramError

Layout = Literal["batch", "sample"]
TRAILING: tuple[tuple[int, ...], ...] = ((), (2, 2), (2,))  # axes behind that of the coordinates: an image, a sequence


@dataclass(frozen=True)
class Caller:
    """A function with the library and the layout that suit it.

    Parameters
    ----------
    layout
        ``"batch"``: arrays of samples, with a last axis of coordinates for product laws; ``"sample"``: one sample at a
        time, for functions that cannot do more.
    product
        Whether the laws are products.
    trailing
        The sizes of further axes into which the coordinates are split: height and width of images.
    packed
        Whether the function takes all parameters in one array.
    """

    function: Function
    library: Library
    layout: Layout
    product: bool
    trailing: tuple[int, ...] = ()
    packed: bool = False

    @property
    def shown(self) -> str:
        """The axes of the arrays in words."""
        return f"samples x channels x {'height x width' if len(self.trailing) > 1 else 'length'}"

    def call(self, arrays: Sequence[Array]) -> Array:
        """Call the function with arrays as they are.

        Raises
        ------
        CallError
            If the function fails.
        """
        return _call(self.function, self.library, arrays)

    def batch(self, columns: Sequence[Array]) -> Array:
        """Call the function with samples x coordinates."""
        answer = self.call([self.laid_out(c) for c in columns])
        if self.trailing and answer.ndim == len(self.trailing) + 2:
            return answer.reshape(len(answer), -1)
        return answer

    def one(self, columns: Sequence[Array], row: int) -> Array:
        """Call the function with one sample."""
        rows = [c[row : row + 1] for c in columns]
        return self.batch(rows) if self.layout == "batch" else self.call([self.laid_out(c)[0] for c in rows])

    def laid_out(self, column: Array) -> Array:
        """Return samples x coordinates in the axes that the function takes."""
        if not self.product:
            return column[..., 0]
        if not self.trailing:
            return column
        split = self.trailing if column.shape[-1] % math.prod(self.trailing) == 0 else (1,) * len(self.trailing)
        return column.reshape(len(column), -1, *split)


def _call(function: Function, lib: Library, arrays: Sequence[Array]) -> Array:
    with undisturbed(lib.name):
        try:
            # Copies, so that a function which changes its arguments changes nothing of ours.
            return lib.numpy(function(*(lib.array(np.array(a)) for a in arrays)))
        except (KeyboardInterrupt, CallError):
            raise
        except BaseException as error:  # sys.exit too
            raise CallError(said(error)) from error


def said(error: BaseException) -> str:
    """Return the kind and the message of an error in one short line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}".rstrip(": ")


def find_caller(
    function: Function, columns: Sequence[Array], product: bool, wanted: str | None, way: Way
) -> tuple[Caller | None, list[str]]:
    """Find the library and the layout that a function takes, by trying.

    Parameters
    ----------
    columns
        Arguments to try with, samples x coordinates.
    product
        Whether the laws are products.
    wanted
        A library, or None to try all that are installed.
    way
        How it is called with them.

    Returns
    -------
    tuple
        The caller; or None, and what went wrong, each error once.

    Raises
    ------
    AnswerError
        If it can be called, and returns several things.
    """
    failures: dict[str, str] = {}
    batches: list[tuple[Layout, tuple[int, ...]]] = [("batch", axes) for axes in (TRAILING if product else ((),))]
    for layout, trailing in [*batches, ("sample", ())]:
        tried = [np.tile(c, math.prod(trailing)) for c in columns] if trailing else columns
        for name in [wanted] if wanted else ["numpy", "torch", "jax", "python"]:
            if name == "python" and layout == "batch":
                continue
            try:
                lib = library(name)
            except MissingProgramError:
                if wanted:
                    raise
                continue
            caller = Caller(way.bound(function, lib), lib, layout, product, trailing, way.pack)
            try:
                made_by = _made_by(caller, tried) if name == "numpy" and wanted is None else None
                if made_by is not None:
                    lib = library(made_by)
                    caller = replace(caller, function=way.bound(function, lib), library=lib)
                answer = _try(caller, tried)
                if trailing and answer.size not in (1, len(columns[0]), tried[0].size):
                    # Some of the axes are left: another layout may suit it better.
                    failures.setdefault(f"it returns the shape {answer.shape}", f"{name} arrays, {caller.shown}")
                    continue
            except AnswerError:
                raise
            except CallError as error:
                if not trailing:
                    failures.setdefault(str(error), f"{name} {'floats' if name == 'python' else 'arrays'}")
                continue
            return caller, []
    return None, [f"with {what}: {error}" for error, what in failures.items()]


def _try(caller: Caller, columns: Sequence[Array]) -> Array:
    """Call a function in its layout; one sample at a time, the first that it takes is enough."""
    if caller.layout == "batch":
        return caller.batch(columns)
    for row in range(len(columns[0]) - 1):
        with suppress(CallError):
            return caller.one(columns, row)
    return caller.one(columns, len(columns[0]) - 1)


def _made_by(caller: Caller, columns: Sequence[Array]) -> str | None:
    """Return the library of what a function makes of NumPy arrays, where it is another one."""
    made = []

    def recorded(*args: Any) -> Any:
        made.append(caller.function(*args))
        return made[-1]

    _try(replace(caller, function=recorded), columns)
    return library_of(made[-1])
