"""Programs on contiguous NumPy arrays by way of Numba: compiled once, kept on disk, threads for large arrays."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import NamedTuple, TypeAlias

import numpy as np

from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.code.languages.loops import loops_source
from kl_symbolic.code.program import Program
from kl_symbolic.code.vectors import FloatName
from kl_symbolic.numeric.inputs import Floats

Loop: TypeAlias = Callable[..., int]
Within: TypeAlias = Mapping[str, FloatInterval]

WORTH_A_THREAD = 1 << 16  # numbers of an array that are worth a thread of their own, which takes a while to wake up
LARGEST_PART = 1 << 30  # numbers: loops count in integers as wide as the numbers are
MOST_KNOWN = 1024  # programs


class _Known(NamedTuple):
    """A compiled loop, and what it was made of, which must live as long as its identity is a key."""

    program: Program
    within: Within
    loop: Loop


_one_at_a_time = RLock()  # compiles
_known: dict[tuple[str, int, int, str], _Known] = {}


@cache
def available() -> bool:
    """Whether there is Numba, and the environment does not say ``KL_SYMBOLIC_NUMBA=0``."""
    return os.environ.get("KL_SYMBOLIC_NUMBA") != "0" and find_spec("numba") is not None


def run_rows(
    program: Program, within: Within, arrays: Sequence[Floats], sums: Floats, gradient: Sequence[Floats]
) -> int:
    """Write the sums of the first result of a program over rows, and its other results.

    Parameters
    ----------
    program
        What is computed of each element.
    within
        Where each argument should lie, by name; anywhere finite, if it is absent. It must not change from call to call.
    arrays
        The arguments: float64 or float32, two axes, contiguous. They may be read-only.
    sums
        Where to write the sums, in float64 whatever the dtype.
    gradient
        Where to write the other results: arrays like the arguments.

    Returns
    -------
    int
        How many elements have an argument that is not where it should be.
    """
    loop = _loop("rows", program, within, arrays[0].dtype.char)
    return _in_parts(loop, [*arrays, sums, *gradient], arrays[0].size)


def run_elements(program: Program, within: Within, arrays: Sequence[Floats], results: Sequence[Floats]) -> int:
    """Write the results of a program at each element of arrays of one axis; otherwise as `run_rows`."""
    loop = _loop("elements", program, within, arrays[0].dtype.char)
    return _in_parts(loop, [*arrays, *results], arrays[0].size)


def _in_parts(loop: Loop, arrays: Sequence[Floats], size: int) -> int:
    """Call a loop on parts of the first axis, each in a thread of its own, and return the sum of its answers."""
    if size < 2 * WORTH_A_THREAD:
        return loop(*arrays)
    import numba

    rows = len(arrays[0])
    parts = min(rows, max(min(numba.config.NUMBA_NUM_THREADS, size // WORTH_A_THREAD), -(-size // LARGEST_PART)))
    bounds = [rows * k // parts for k in range(parts + 1)]
    first, *others = [[v[begin:end] for v in arrays] for begin, end in pairwise(bounds)]
    answers = [_threads().submit(loop, *part) for part in others]
    return loop(*first) + sum(answer.result() for answer in answers)


@cache
def _threads() -> ThreadPoolExecutor:
    import numba

    return ThreadPoolExecutor(max(1, numba.config.NUMBA_NUM_THREADS - 1), "kl_symbolic")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # a child has none of the threads


def _loop(name: str, program: Program, within: Within, char: str) -> Loop:
    """Return a compiled loop; by identity, for to compare programs takes longer than small arrays do."""
    key = name, id(program), id(within), char
    known = _known.get(key)
    if known is None:
        with _one_at_a_time:
            loop = _made(name, program, tuple(within.items()), char)
            if len(_known) >= MOST_KNOWN:
                _known.clear()
            known = _known.setdefault(key, _Known(program, within, loop))
    return known.loop


@cache
def _made(name: str, program: Program, within: tuple[tuple[str, FloatInterval], ...], char: str) -> Loop:
    dtype: FloatName = "float64" if char == "d" else "float32"
    source = loops_source(program, dtype, dict(within))
    return _compiled(name, source, dtype, len(program.arguments), len(program.results))


@cache
def _compiled(name: str, source: str, dtype: FloatName, given: int, results: int) -> Loop:
    """Compile a loop, or load it where it was compiled before."""
    from numba import types

    module = _module(source)
    loop = getattr(module, name)
    number, axes = getattr(types, dtype), 2 if name == "rows" else 1
    # Arrays that may be written to are taken for read-only ones, too.
    argument, result = (types.Array(number, axes, "C", readonly=readonly) for readonly in (True, False))
    sums = [types.float64[::1]] if name == "rows" else [result]
    if module.__file__:
        with suppress(RuntimeError):  # Numba finds no folder to write to
            loop.enable_caching()
    loop.compile((*[argument] * given, *sums, *[result] * (results - 1)))
    loop.disable_compile()
    compiled: Loop = loop
    return compiled


@cache
def _module(source: str) -> ModuleType:
    """Return a module made of a source, with a name of its own: by that Numba tells machine code apart.

    What is executed is what was written just now, whatever stands in the file.
    """
    import numba

    versions = numba.__version__, np.__version__, sys.version
    digest = hashlib.sha256("\n".join((source, *versions)).encode()).hexdigest()[:32]
    path = _kept(f"loops_{digest}.py", source)
    module = ModuleType(f"{__name__}.{digest}")
    module.__file__ = str(path) if path else None
    exec(compile(source, module.__file__ or "<loops>", "exec"), module.__dict__)  # noqa: S102
    sys.modules[module.__name__] = module  # Numba imports it when it loads machine code
    return module


def _kept(name: str, source: str) -> Path | None:
    """Write a source to the user's cache, where Numba keeps its machine code beside it; None where that fails."""
    import numba

    try:
        folder = Path(numba.config.CACHE_DIR or _user_cache()) / "kl_symbolic"
        path = folder / name
        if path.is_file() and path.read_text(encoding="utf-8") == source:
            return path
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(source)
        Path(temporary).replace(path)
    except (OSError, RuntimeError, UnicodeDecodeError):  # RuntimeError: there is no home
        return None
    return path


def _user_cache() -> Path:
    """Return the folder where programs of the user keep what they can make again."""
    given = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    return Path(given) if given else Path.home() / ".cache"
