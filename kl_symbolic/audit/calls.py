"""Calling a function that somebody wrote: in which library, with which layout of arguments; its errors are caught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.audit.libraries import Function, Library, library, library_of, undisturbed
from kl_symbolic.errors import MissingProgramError

Array = NDArray[Any]
Layout = Literal["batch", "sample"]


class CallError(Exception):
    """The function raised an error, or returned what is no array of real numbers."""


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
    """

    function: Function
    library: Library
    layout: Layout
    product: bool

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
        return self.call([self._laid_out(c) for c in columns])

    def one(self, columns: Sequence[Array], row: int) -> Array:
        """Call the function with one sample."""
        rows = [c[row : row + 1] for c in columns]
        return self.batch(rows) if self.layout == "batch" else self.call([self._laid_out(c)[0] for c in rows])

    def _laid_out(self, column: Array) -> Array:
        return column if self.product else column[..., 0]


def _call(function: Function, lib: Library, arrays: Sequence[Array]) -> Array:
    with undisturbed(lib.name):
        try:
            # Copies, so that a function which changes its arguments changes nothing of ours.
            return lib.numpy(function(*(lib.array(np.array(a)) for a in arrays)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # sys.exit too
            raise CallError(said(error)) from error


def said(error: BaseException) -> str:
    """Return the kind and the message of an error in one short line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}".rstrip(": ")


def find_caller(
    function: Function, columns: Sequence[Array], product: bool, wanted: str | None
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

    Returns
    -------
    tuple
        The caller; or None, and what went wrong, each error once.
    """
    failures: dict[str, str] = {}
    for layout in ("batch", "sample"):
        for name in [wanted] if wanted else ["numpy", "torch", "jax", "python"]:
            if name == "python" and layout == "batch":
                continue
            try:
                caller = Caller(function, library(name), layout, product)
            except MissingProgramError:
                if wanted:
                    raise
                continue
            try:
                made_by = _made_by(caller, columns) if name == "numpy" and wanted is None else None
                if made_by is not None:
                    caller = Caller(function, library(made_by), layout, product)
                _try(caller, columns)
            except CallError as error:
                failures.setdefault(str(error), f"{name} {'floats' if name == 'python' else 'arrays'}")
                continue
            return caller, []
    return None, [f"with {way}: {error}" for error, way in failures.items()]


def _try(caller: Caller, columns: Sequence[Array]) -> None:
    """Call a function in its layout; one sample at a time, the first that it takes is enough."""
    if caller.layout == "batch":
        caller.batch(columns)
        return
    for row in range(len(columns[0])):
        try:
            caller.one(columns, row)
        except CallError:
            if row == len(columns[0]) - 1:
                raise
        else:
            return


def _made_by(caller: Caller, columns: Sequence[Array]) -> str | None:
    """Return the library of what a function makes of NumPy arrays, where it is another one."""
    made = []

    def recorded(*args: Any) -> Any:
        made.append(caller.function(*args))
        return made[-1]

    probe = Caller(recorded, caller.library, caller.layout, caller.product)
    _try(probe, columns)
    return library_of(made[-1])
