"""The command line from its words to its exit code."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from traceback import format_exc

from kl_symbolic.cli import derive, vectors, verify
from kl_symbolic.cli.commands import parser
from kl_symbolic.cli.exit_codes import BROKEN_PIPE, INTERNAL_ERROR, INTERRUPTED, MISSING, NO_CLOSED_FORM, REFUTED, USAGE
from kl_symbolic.cli.streams import say
from kl_symbolic.errors import KLError, MissingProgramError, NoClosedFormError, RequestError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns
    -------
    int
        0 ok; 1 refuted; 2 usage, or a file or stream that cannot be read or written, or is too long; 3 no such pair or
        no closed form; 4 a program is missing; 5 unknown; 70 an error of the program; 130 interrupted; 141 the reader
        of a pipe has left.
    """
    try:
        options = parser().parse_args(arguments)
        if arguments is None and options.handler in (derive.run, vectors.run, verify.run):
            _make_light()
        return int(options.handler(options))
    except BrokenPipeError:  # nobody has read the verdict, so that it must not seem a good one
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except KLError as error:
        return _complain(str(error), _code(error))
    except OSError as error:  # of the machine: no space for temporary files, no more processes
        return _complain(str(error), USAGE)
    except Exception:  # noqa: BLE001 - Python would end with the code of what is refuted
        return _complain(f"an error of the program, please report it:\n{format_exc()}".rstrip(), INTERNAL_ERROR)


def _make_light() -> None:
    """Set up a process that loads much, computes a few numbers, and ends."""
    gc.set_threshold(100_000)  # what is loaded stays
    os.environ.setdefault("KL_SYMBOLIC_NUMBA", "0")  # it takes longer to start than the rest


def _code(error: KLError) -> int:
    for kind, code in ((RequestError, USAGE), (NoClosedFormError, NO_CLOSED_FORM), (MissingProgramError, MISSING)):
        if isinstance(error, kind):
            return code
    return REFUTED


def _complain(message: str, code: int) -> int:
    say(f"kl-symbolic: {message}")
    return code
