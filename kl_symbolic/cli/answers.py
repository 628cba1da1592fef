"""The command `answers`, which lists all cases of a question."""

from __future__ import annotations

import argparse

from kl_symbolic.cli import request
from kl_symbolic.cli.exit_codes import NO_CLOSED_FORM, OK, UNKNOWN
from kl_symbolic.cli.streams import show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `answers` takes."""
    request.add_laws(parser)
    request.add_options(parser)


def run(options: argparse.Namespace) -> int:
    """List the cases, and return 0 if there is a closed form, 3 if it is infinite everywhere, 5 if nothing is known."""
    from kl_symbolic.answering import answers

    request.require_law(options)
    found = answers(options.p, options.q, where=options.where, **request.law_options(options))
    show("\n".join(map(str, found)))
    known = {answer.status for answer in found}
    return OK if "finite" in known else UNKNOWN if "unknown" in known else NO_CLOSED_FORM
