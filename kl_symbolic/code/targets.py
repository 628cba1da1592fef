"""The languages in which a program can be written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kl_symbolic.code.languages.arrays import JAX, NUMPY, TORCH, array_source
from kl_symbolic.code.languages.c import C
from kl_symbolic.code.languages.javascript import JAVASCRIPT
from kl_symbolic.code.languages.julia import JULIA
from kl_symbolic.code.languages.numba import NUMBA_LOOPS
from kl_symbolic.code.languages.rust import RUST
from kl_symbolic.code.printing import assembled
from kl_symbolic.code.program import Program
from kl_symbolic.errors import RequestError

_WRITERS: dict[str, Callable[[Program], str]] = {
    "numpy": partial(array_source, library=NUMPY),
    "torch": partial(array_source, library=TORCH),
    "jax": partial(array_source, library=JAX),
    "numba": partial(assembled, language=NUMBA_LOOPS),
    "c": partial(assembled, language=C),
    "julia": partial(assembled, language=JULIA),
    "javascript": partial(assembled, language=JAVASCRIPT),
    "rust": partial(assembled, language=RUST),
}
TARGETS = tuple(_WRITERS)


def source_code(program: Program, target: str) -> str:
    """Return a program in a language, with the functions that it calls: a file that needs nothing of ours.

    Parameters
    ----------
    program
        What is computed.
    target
        One of `TARGETS`.

    Examples
    --------
    >>> from kl_symbolic.code.operations import argument
    >>> print(source_code(Program("twice", ("x",), (2 * argument("x"),), words=("Return 2 x.",)), "javascript"))
    /** Return 2 x. */
    export function twice(x) {
      return 2.0*x;
    }
    <BLANKLINE>

    Raises
    ------
    RequestError
        If there is no such target, or something in the program cannot be written in it.
    """
    if target not in _WRITERS:
        raise RequestError(f"target must be one of {', '.join(TARGETS)}; got {target!r}")
    return _WRITERS[target](program)
