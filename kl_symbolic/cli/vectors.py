"""The command `vectors`, which makes test vectors for implementations."""

from __future__ import annotations

import argparse

from kl_symbolic import files
from kl_symbolic.cli import request
from kl_symbolic.cli.exit_codes import OK
from kl_symbolic.cli.streams import say, show

LAYOUTS = ("json", "csv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `vectors` takes."""
    request.add_laws(parser)
    request.add_options(parser)
    parser.add_argument("--count", type=int, default=200, metavar="N", help="how many vectors; default: 200")
    parser.add_argument("--digits", type=int, default=50, metavar="N", help="digits of each value; default: 50")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the random parameters; default: 0")
    parser.add_argument("--gradient", action="store_true", help="add the derivatives by all parameters")
    parser.add_argument("--format", choices=LAYOUTS, default="json", help="default: json")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")


def run(options: argparse.Namespace) -> int:
    """Make the vectors, print them, and return the exit code."""
    from kl_symbolic.reference import vectors

    request.require_law(options)
    made = vectors(
        options.p,
        options.q,
        count=options.count,
        digits=options.digits,
        seed=options.seed,
        gradient=options.gradient,
        where=options.where,
        **request.law_options(options),
    )
    for note in made.notes:
        say(f"kl-symbolic: {note}")
    text = made.to_csv() if options.format == "csv" else made.to_json()
    if options.output is None:
        show(text)
    else:
        files.write(options.output, text.encode("utf-8"))
    return OK
