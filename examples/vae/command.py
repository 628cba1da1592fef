"""What the commands that train the autoencoder have in common: options, and errors as one line with an exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from examples.vae import data
from kl_symbolic.errors import KLError, MissingProgramError

OK, USAGE, MISSING, INTERRUPTED = 0, 2, 4, 130


def parser(program: str, description: str) -> argparse.ArgumentParser:
    """Return a parser with the options of every training."""
    made = argparse.ArgumentParser(prog=program, description=description)
    made.add_argument("--data", type=Path, default=data.DEFAULT_DIRECTORY, metavar="DIR", help="default: %(default)s")
    made.add_argument("--epochs", type=_count(1), default=10, metavar="N", help="default: 10")
    made.add_argument("--seed", type=_count(0), default=0, metavar="N", help="default: 0")
    made.add_argument("--out", type=Path, default=Path(program), metavar="DIR", help="default: %(default)s")
    return made


def exit_code(
    program: str, run: Callable[[argparse.Namespace], None], options: argparse.Namespace, interrupted: str
) -> int:
    """Run, and complain in one line if that fails.

    Parameters
    ----------
    program
        The name that begins the complaint.
    run
        What does the work.
    options
        What to do; `options.out` is named where an error of the file system names no file.
    interrupted
        What to say after an interruption.

    Returns
    -------
    int
        0 ok; 2 usage, a corrupt data set or checkpoint; 4 the data set or a package is missing; 130 interrupted.
    """
    try:
        run(options)
    except KeyboardInterrupt:
        return _complain(program, interrupted, INTERRUPTED)
    except KLError as error:
        return _complain(program, str(error), MISSING if isinstance(error, MissingProgramError) else USAGE)
    except OSError as error:
        return _complain(program, f"{error.filename or options.out}: {error.strerror or error}", USAGE)
    return OK


def _count(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"must be an integer, at least {least}; got {text!r}")
        return int(text)

    return parse


def _complain(program: str, message: str, code: int) -> int:
    print(f"{program}: {message}", file=sys.stderr)
    return code
