"""What runs checks side by side: processes of this machine, or a cluster. Nothing is left running behind."""

from __future__ import annotations

import gc
import multiprocessing
import re
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from kl_symbolic.arguments import given
from kl_symbolic.errors import MissingProgramError, RequestError

SECONDS_TO_REACH = 30  # a scheduler
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
    executor = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _begin)
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
def cluster(address: str) -> Iterator[Executor]:
    """Yield an executor of a Dask cluster; what runs there for us is cancelled at the end of the block.

    Raises
    ------
    RequestError
        If there is no scheduler at the address, or it is lost.
    MissingProgramError
        If Dask is not installed.
    """
    try:
        from distributed import CancelledError, Client
    except ImportError:
        message = "--dask needs distributed: install it with  pip install 'kl_symbolic[dask]'"
        raise MissingProgramError(message) from None
    if not ADDRESS.fullmatch(address):
        raise RequestError(f"the address of a Dask scheduler is like tcp://127.0.0.1:8786, given: {given(address)}")
    try:
        client = Client(address, timeout=SECONDS_TO_REACH, set_as_default=False)
    except OSError as error:
        raise RequestError(f"there is no Dask scheduler at {address}") from error
    with client:
        executor = client.get_executor(pure=False)
        try:
            yield executor
        except CancelledError as error:
            raise RequestError(f"the Dask scheduler at {address} is lost") from error
        finally:
            executor.shutdown(wait=False)


def _begin() -> None:
    """Set up a process that only computes, and ends at Ctrl-C without a word: the process that started it speaks."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.set_threshold(100_000)
