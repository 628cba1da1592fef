"""The command `replay`, which proves what a file says anew."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kl_symbolic import files
from kl_symbolic.cli.exit_codes import OK
from kl_symbolic.cli.streams import show

if TYPE_CHECKING:
    from kl_symbolic.terms import Term

MOST_PRINTED = 5_000  # of a statement that is printed: it may be written out much larger than it is in the file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `replay` takes."""
    parser.add_argument("file", help="a file written by derive --format json; - for standard input")


def run(options: argparse.Namespace) -> int:
    """Load, prove, and print what is proved."""
    from kl_symbolic.api import load, prove
    from kl_symbolic.proof.codec import MAX_CHARACTERS
    from kl_symbolic.render import lines

    derivation = load(files.read(options.file, MAX_CHARACTERS))
    proof = prove(derivation)
    status = "computed" if proof.computed else "proved"
    if _size(derivation.statement.right, {}) > MOST_PRINTED:
        show(f"{status}: {derivation.name}, {proof.steps} steps; the statement has more than {MOST_PRINTED} parts")
        return OK
    found = lines(derivation.document(proof=proof, stages=()))
    certificate = [line.text for line in found if line.kind == "certificate"]
    show("\n".join((f"{status}: {derivation.name}", f"  {derivation}", *certificate)))
    return OK


def _size(term: Term, known: dict[Term, int]) -> int:
    """Return how many parts a term has, those that occur several times counted each time."""
    if term not in known:
        known[term] = 1 + sum(_size(part, known) for part in term.args)
    return known[term]
