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
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from peers import COMPETITORS, KERNELS, Competitor, reason

TURN = 0.04  # seconds of one turn, and of the warm-up before it, at least MOST[0] runs and at most MOST[1]
MOST = 2, 300
DISTINCT = 1 << 18  # random numbers

Call = Callable[[], Any]


def draw(kernel: str, rows: int, width: int, dtype: str) -> list[np.ndarray]:
    """Return the parameters of rows of ordinary laws; large arrays repeat themselves."""
    random = np.random.default_rng(0)
    kind = np.dtype(dtype).type
    size = min(rows * width, DISTINCT)
    if kernel == "kl_discrete":
        laws = [np.resize(random.standard_exponential(size, kind), (rows, width)) for _ in range(2)]
        return [law / law.sum(axis=-1, keepdims=True) for law in laws]
    count = KERNELS[kernel]
    laws = [np.resize(random.standard_normal(size, kind), (rows, width)) for _ in range(count)]
    return [np.exp(law) if kernel == "kl_normal" and k % 2 else law for k, law in enumerate(laws)]


class Worker:
    """The state between two requests: the calls that are timed, by name."""

    def __init__(self, competitor: Competitor) -> None:
        self.competitor = competitor
        self.calls: dict[str, Call] = {}

    def prepare(self, kernel: str, rows: int, width: int, dtype: str) -> bool:
        """Make the arrays and warm up; False if the competitor has no such kernel."""
        self.calls.clear()
        if kernel not in self.competitor.functions:
            return False
        function = self.competitor.functions[kernel]
        laws = [self.competitor.array(law) for law in draw(kernel, rows, width, dtype)]
        self.calls["value"] = lambda: function(*laws)
        self.calls["value"]()
        return True

    def prepare_gradient(self, kernel: str, rows: int, width: int, dtype: str) -> bool:
        """Make the arrays for our value and for our value with its gradient; True if they write to given arrays."""
        numeric = import_module("kl_symbolic.numeric")
        laws = draw(kernel, rows, width, dtype)
        value, both = getattr(numeric, kernel), getattr(numeric, f"{kernel}_value_and_grad")
        self.calls = {"value": lambda: value(*laws), "value and gradient": lambda: both(*laws)}
        out, all_out = (call() for call in self.calls.values())
        try:
            both(*laws, out=all_out)
        except TypeError:  # no such keyword; then the value is timed without it too
            return False
        self.calls = {
            "value": lambda: value(*laws, out=out),
            "value and gradient": lambda: both(*laws, out=all_out),
        }
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

    def memory(self, kernel: str, rows: int, width: int, dtype: str) -> dict[str, int | None]:
        """Return in bytes the input, the result, and the peak beside the input: what Python sees, and all there is."""
        self.prepare(kernel, rows, width, dtype)
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
        given = sum(law.nbytes for law in draw(kernel, 1, width, dtype)) * rows
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
