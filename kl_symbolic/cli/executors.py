"""What runs checks side by side: processes of this machine, or a cluster. Nothing is left running behind."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import re
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from kl_symbolic.arguments import given
from kl_symbolic.errors import MissingProgramError, RequestError

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as Task

SECONDS_TO_REACH = 30  # a scheduler
SOON = 0.01  # seconds, after which an interruption is tried again
LOCKING = ("threading", "concurrent.futures", "multiprocessing", "distributed")  # modules whose code holds locks
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
ADDRESS = re.compile(r"((tcp|tls|ws|wss)://)?[^\s/]+:[0-9]{1,5}")


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Yield an executor of processes, which end with the block, whatever they are at.

    Raises
    ------
    OSError
        If one of them came to an end by itself.
    """
    before = multiprocessing.active_children()
    # New interpreters: the copy of a process that has threads may stop for ever.
    executor = _Processes(count, multiprocessing.get_context("spawn"), _begin)
    with _interrupted_without_locks():
        try:
            yield executor
            executor.shutdown()
        except BrokenProcessPool as error:
            raise ChildProcessError("a process of --jobs ended before its time; is there enough memory?") from error
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                if process not in before:
                    process.terminate()


@contextmanager
def _interrupted_without_locks() -> Iterator[None]:
    """Let Ctrl-C interrupt this thread only where it holds no lock that others wait for.

    Python's condition variables are released by Python code: an interruption in the middle of that leaves them locked
    for ever, and the end of the program then waits for a thread that waits for them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        while frame is not None:
            if frame.f_globals.get("__name__", "").startswith(LOCKING):
                threading.Timer(SOON, signal.pthread_kill, (threading.main_thread().ident, number)).start()
                return
            frame = frame.f_back
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Processes(ProcessPoolExecutor):
    """Processes whose calls can be cancelled while a process ends.

    At that moment the pool gives an error to each of its futures, and in Python 3.11 its thread fails, with a
    traceback, at one that is cancelled. So what can be cancelled is another future, which follows that of the pool.
    """

    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Result]:
        followed, following = super().submit(fn, *args, **kwargs), Future[Result]()
        followed.add_done_callback(lambda _: _follow(followed, following))
        return following


def _follow(followed: Future[Result], following: Future[Result]) -> None:
    if followed.cancelled():
        following.cancel()
    elif following.set_running_or_notify_cancel():
        error = followed.exception()
        if error is None:
            following.set_result(followed.result())
        else:
            following.set_exception(error)


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Yield an executor of a Dask cluster; what runs there for us is cancelled at the end of the block.

    Raises
    ------
    RequestError
        If there is no scheduler at the address, or it is lost.
    OSError
        If workers came to an end by themselves, one after the other.
    MissingProgramError
        If Dask is not installed.
    """
    try:
        from distributed import CancelledError, Client, KilledWorker
        from distributed.comm import CommClosedError
    except ImportError:
        message = "--dask needs distributed: install it with  pip install 'kl_symbolic[dask]'"
        raise MissingProgramError(message) from None
    if not ADDRESS.fullmatch(address):
        raise RequestError(f"the address of a Dask scheduler is like tcp://127.0.0.1:8786, given: {given(address)}")
    logging.disable()  # what is wrong is said here, in one line
    try:
        try:
            client = Client(address, timeout=SECONDS_TO_REACH, set_as_default=False)
        except OSError as error:
            raise RequestError(f"there is no Dask scheduler at {address}") from error
        with _interrupted_without_locks(), client, _Tasks(client) as executor:
            try:
                yield executor
            except (CancelledError, CommClosedError) as error:
                raise RequestError(f"the Dask scheduler at {address} is lost") from error
            except KilledWorker as error:
                raise ChildProcessError("workers of Dask ended before their time; is there enough memory?") from error
    finally:
        logging.disable(logging.NOTSET)


class _Tasks(Executor):
    """Tasks of a Dask client. Dask's own executor fails where they are cancelled because the scheduler ends."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._tasks: list[Task[object]] = []

    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Result]:
        task, following = self._client.submit(fn, *args, pure=False, **kwargs), Future[Result]()
        self._tasks.append(task)
        task.add_done_callback(lambda _: _settle(task, following))
        return following

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - in both ways
        """Cancel what runs and what has not begun."""
        self._client.cancel(self._tasks)


def _settle(task: Task[Result], following: Future[Result]) -> None:
    if not following.set_running_or_notify_cancel():
        return
    try:
        following.set_result(task.result())
    except Exception as error:  # noqa: BLE001 - it is handed on
        following.set_exception(error)


def _begin() -> None:
    """Set up a process that only computes, and ends at Ctrl-C without a word: the process that started it speaks."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.set_threshold(100_000)
