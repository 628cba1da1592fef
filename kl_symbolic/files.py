"""Files and standard input: read within bounds, and written so that nothing is lost."""

from __future__ import annotations

import errno
import io
import os
import re
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TextIO

from kl_symbolic.errors import RequestError

OWN_DESCRIPTORS, DESCRIPTOR = Path("/dev/fd"), re.compile("[0-9]{1,9}")
PERMISSIONS = 0o777
ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def read(name: str, most: int) -> str:
    """Return the text of a file, or of standard input for ``-``, without reading more of it than is allowed.

    Parameters
    ----------
    name
        Of a file in UTF-8.
    most
        How many characters are allowed.

    Raises
    ------
    RequestError
        If it cannot be read, is no text, or is longer.
    """
    source = "standard input" if name == "-" else shown(name)
    try:
        with nullcontext(_standard_input()) if name == "-" else Path(name).open(encoding="utf-8") as stream:
            text = stream.read(most + 1)
    except (OSError, ValueError) as error:
        raise RequestError(f"cannot read {source}: {reason(error)}") from error
    if len(text) > most:
        raise RequestError(f"{source} is too long: at most {most} characters are read")
    return text


def write(name: str, data: bytes) -> None:
    """Write to what a name leads to: a file as a whole or not at all, and everything else as it is.

    Links are followed, also one whose target is not there yet. Devices, pipes and descriptors such as ``/dev/stdout``
    are opened and written.

    Raises
    ------
    RequestError
        If it cannot be written.
    BrokenPipeError
        If the reader of a pipe has left.
    """
    try:
        place = _followed(name)
        descriptor = _opened(place)
        if descriptor is None:
            replace(place, data)
        else:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        raise RequestError(f"cannot write {shown(name)}: {reason(error)}") from error


def replace(place: Path, data: bytes) -> None:
    """Write a regular file as a whole or not at all: a new one beside it takes its place.

    An existing file keeps its permissions, and its owner and group where that is allowed.

    Raises
    ------
    OSError
        If it cannot be written; nothing is changed then, and nothing left behind.
    """
    old = None
    with suppress(FileNotFoundError):
        old = place.stat()
    new = place.with_name(f".kl-symbolic-{os.urandom(8).hex()}")
    with _signals_wait():
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, old.st_mode & PERMISSIONS if old else 0o666)
        except OSError as error:
            raise OSError(error.errno, f"no file can be made in its folder: {error.strerror}") from error
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(descriptor)  # some file systems say only now that they are full
            if old:
                _give(new, old)
            new.replace(place)
        except BaseException:
            with suppress(OSError):
                new.unlink()
            raise


def shown(name: str) -> str:
    r"""Return a file's name as it stands in a message of one line.

    >>> print(shown("kl.pdf"), shown(""), shown("a\nb"))
    kl.pdf '' 'a\nb'
    """
    return name if name and name.isprintable() else repr(name)


def reason(error: OSError | ValueError) -> str:
    """Return why something cannot be read or written."""
    if isinstance(error, UnicodeDecodeError):
        return f"it is no text in UTF-8 ({error.reason})"
    return getattr(error, "strerror", None) or str(error)


def _standard_input() -> TextIO:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="strict")
    return sys.stdin


def _followed(name: str) -> Path:
    """Return where a name leads to, or ``/dev/fd/1`` and the like, whatever they stand for."""
    if name.endswith(os.sep):  # a Path would drop it
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    place = Path(name)
    with suppress(FileNotFoundError):
        place.stat()  # a loop of links ends here
    while place.is_symlink() and _descriptor(place) is None:
        place = place.parent / place.readlink()
    return place


def _descriptor(place: Path) -> int | None:
    """Return the number of an open descriptor of ours from its name."""
    ours = place.parent.resolve() == OWN_DESCRIPTORS.resolve() and DESCRIPTOR.fullmatch(place.name)
    return int(place.name) if ours else None


def _opened(place: Path) -> int | None:
    """Return a descriptor of what is no regular file; None for one that may be written, and where there is nothing."""
    ours = _descriptor(place)
    if ours is not None:
        return os.dup(ours)  # if it were opened by its name, a file behind it would begin anew
    try:
        descriptor = os.open(place, os.O_WRONLY)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def _give(new: Path, old: os.stat_result) -> None:
    """Give a new file the permissions of an old one, and its owner and group where that is allowed."""
    if hasattr(os, "chown"):
        for owner, group in ((old.st_uid, -1), (-1, old.st_gid)):
            with suppress(OSError):
                os.chown(new, owner, group)
    new.chmod(old.st_mode & PERMISSIONS)


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Let signals that end the program wait until a file is whole, or gone."""
    if threading.current_thread() is not threading.main_thread():  # no other may say what happens at a signal
        yield
        return
    came: list[int] = []
    before = {number: handler for number in ENDING if (handler := signal.getsignal(number)) is not None}
    for number in before:
        signal.signal(number, lambda received, _: came.append(received))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)
