"""The standard streams: UTF-8 whatever the locale is, and a failure of theirs is neither silent nor a traceback."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from kl_symbolic.errors import RequestError
from kl_symbolic.files import reason

CLOSED = "cannot write standard output: it is closed"


def show(artefact: str | bytes) -> None:
    """Write what was asked for to standard output.

    Raises
    ------
    RequestError
        If it cannot be written.
    BrokenPipeError
        If its reader has left.
    """
    stream = sys.stdout
    if stream is None:
        raise RequestError(CLOSED)
    try:
        if isinstance(artefact, bytes):
            stream.buffer.write(artefact)
        else:
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
            stream.write(artefact if artefact.endswith("\n") else f"{artefact}\n")
        stream.flush()
    except (OSError, ValueError) as error:
        _abandon(stream)
        if isinstance(error, BrokenPipeError):
            raise
        raise RequestError(f"cannot write standard output: {reason(error)}") from error


def say(message: str) -> None:
    """Write a message to standard error; where nobody listens, the exit code has to say it."""
    stream = sys.stderr
    if stream is None:
        return
    try:
        stream.write("".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in f"{message}\n"))
        stream.flush()
    except (OSError, ValueError):
        _abandon(stream)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at a stream."""
    return stream is not None and not stream.closed and stream.isatty()


@contextmanager
def progress(name: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a progress bar on standard error, on a terminal only; yield what moves it."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _abandon(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere: at its end the interpreter would try once more, and complain."""
    with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
