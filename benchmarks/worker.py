"""A process that times one competitor, so that no thread pool disturbs another, and answers over a pipe.

It answers each request (name of a function below, arguments) with a result or, as text, with the reason for none.
"""

from __future__ import annotations

import ctypes
import gc
import time
import tracemalloc
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from competitor import Competitor
from laws import pairs
from peers import COMPETITORS, reason
from regions import ORDINARY, kind

from kl_symbolic.numeric.evaluate import value, value_and_gradient

TURN = 0.04  # seconds of one turn, and of the warm-up before it, at least MOST[0] runs and at most MOST[1]
MOST = 2, 300
DISTINCT = 1 << 18  # random numbers

Call = Callable[[], Any]


def draw(law: str, rows: int, width: int, dtype: str) -> list[np.ndarray]:
    """Return the parameters of rows of ordinary laws; large arrays repeat themselves."""
    random, pair = np.random.default_rng(0), pairs()[law]
    size = min(rows * width, DISTINCT)
    if pair.is_discrete:
        laws = [np.resize(random.standard_exponential(size), (rows, width)) for _ in range(2)]
        return [(one / one.sum(axis=-1, keepdims=True)).astype(dtype) for one in laws]
    drawn = [ORDINARY[kind(record)](random, (size,)).astype(dtype) for record in pair.records]
    return [np.resize(one, (rows, width)) for one in drawn]


class Worker:
    """The state between two requests: the calls that are timed, by name."""

    def __init__(self, competitor: Competitor) -> None:
        self.competitor = competitor
        self.calls: dict[str, Call] = {}

    def prepare(self, law: str, rows: int, width: int, dtype: str) -> bool:
        """Make the arrays and warm up; False if the competitor does not know such laws."""
        self.calls.clear()
        function = self.competitor.value(pairs()[law])
        if function is None:
            return False
        laws = [self.competitor.array(one) for one in draw(law, rows, width, dtype)]
        self.calls["value"] = lambda: function(*laws)
        self.calls["value"]()
        return True

    def prepare_gradient(self, law: str, rows: int, width: int, dtype: str) -> bool:
        """Make the arrays for our value and for our value with its gradient, which are written to given arrays."""
        formula, laws = pairs()[law].formula, draw(law, rows, width, dtype)
        arguments = dict(zip(pairs()[law].names, laws, strict=True))
        out = np.empty(rows, dtype), tuple(np.empty_like(one) for one in laws)
        self.calls = {
            "value": lambda: value(formula, arguments, -1, out=out[0]),
            "value and gradient": lambda: value_and_gradient(formula, arguments, -1, out=out),
        }
        for call in self.calls.values():
            call()
        return True

    def turn(self, name: str) -> list[float]:
        """Return the seconds of many runs, after a while that fills caches and brings threads to their processors."""
        call, clock = self.calls[name], time.perf_counter
        start = clock()
        while clock() - start < TURN:
            call()
        seconds: list[float] = []
        while len(seconds) < MOST[0] or (len(seconds) < MOST[1] and sum(seconds) < TURN):
            begin = clock()
            call()
            seconds.append(clock() - begin)
        return seconds

    def memory(self, law: str, rows: int, width: int, dtype: str) -> dict[str, int | None]:
        """Return in bytes the input, the result, and the peak beside the input: what Python sees, and all there is."""
        self.prepare(law, rows, width, dtype)
        call = self.calls["value"]
        result = int(call().nbytes)
        gc.collect()
        resident = _reset_peak()
        call()
        peak = None if resident is None else max(0, _status("VmHWM") - resident)
        tracemalloc.start()
        call()
        traced = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        given = sum(one.nbytes for one in draw(law, 1, width, dtype)) * rows
        return {"input": given, "result": result, "traced": traced, "resident": peak}


def _status(name: str) -> int:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(text.split(f"{name}:")[1].split()[0])


def _reset_peak() -> int | None:
    """Forget the peak so far and return the memory that is resident now; None where the system has no such thing."""
    try:
        ctypes.CDLL(None).malloc_trim(0)  # what was freed would be used again, and not be seen
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        return _status("VmRSS")
    except (AttributeError, OSError):
        return None


def serve(pipe: Connection, name: str) -> None:
    """Answer requests until the pipe is closed."""
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    try:
        worker = Worker(COMPETITORS[name]())
    except Exception as problem:  # noqa: BLE001  # whatever it is, it is reported
        pipe.send(reason(problem))
        return
    pipe.send(None)
    while True:
        try:
            request, arguments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(getattr(worker, request)(*arguments))
        except Exception as problem:  # noqa: BLE001  # as above
            pipe.send(reason(problem))
