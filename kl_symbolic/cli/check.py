"""The command `check`, which says whether a formula is right."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING

from kl_symbolic import files
from kl_symbolic.cli import request
from kl_symbolic.cli.arguments import Parser
from kl_symbolic.cli.exit_codes import OK, REFUTED, UNKNOWN
from kl_symbolic.cli.streams import say, show
from kl_symbolic.errors import RequestError
from kl_symbolic.options import parse_symbols
from kl_symbolic.proof.question import OPTIONS

if TYPE_CHECKING:
    from kl_symbolic.claims import Verdict

CODES = {"proved": OK, "refuted": REFUTED, "computed": UNKNOWN, "unknown": UNKNOWN}


def add_arguments(parser: Parser) -> None:
    """Add what `check` takes."""
    parser.takes_formulas = True
    parser.add_argument(
        "words", nargs="+", metavar="[P [Q]] FORMULA", help="the laws and the formula; - reads it from stdin"
    )
    parser.add_argument(
        "--symbols",
        action="append",
        default=[],
        metavar="YOURS=OURS",
        help="on the left a name in your formula, on the right what it stands for, for example m=mu_1 or s=sigma_1**2 "
        "(the command derive has it the other way round)",
    )
    request.add_where(parser)
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    request.add_options(parser)


def run(options: argparse.Namespace) -> int:
    """Decide, print and return the exit code."""
    from kl_symbolic.claims import check
    from kl_symbolic.claims.asked import arranged
    from kl_symbolic.reading.tokens import MOST_CHARACTERS

    *laws, text = options.words
    found = arranged(options.words)
    if found is not None:
        text, *laws = map(str, found)
    if len(laws) > 2:  # noqa: PLR2004 - P and Q
        raise RequestError(
            f"give the laws and then the formula as one argument; given: {' '.join(options.words)[:80]!r}"
        )
    if re.fullmatch(r"[\w./\\-]+\.(?:py|ipynb|txt|tex|md|jl|R|m)", text):
        raise RequestError(f"to check what a file holds, write - < {text}")
    if text == "-":
        text = files.read(text, MOST_CHARACTERS)
    symbols = parse_symbols(options.symbols)
    verdict = check(
        text, *laws, symbols=symbols, where=options.where, **{name: getattr(options, name) for name in OPTIONS}
    )
    for note in (*(f"{name} is taken for {parameter}" for name, parameter in verdict.inferred), *verdict.notes):
        say(f"kl-symbolic: {note}")
    show(json.dumps(_data(verdict), indent=2, ensure_ascii=False) if options.json else str(verdict))
    return CODES[verdict.status]


def _data(verdict: Verdict) -> dict[str, object]:
    found = verdict.counterexample
    return {
        "status": verdict.status,
        "detail": verdict.detail,
        "closed_form": verdict.closed_form,
        "read_as": verdict.shown,
        "remarks": list(verdict.remarks),
        "inferred": dict(verdict.inferred),
        "notes": list(verdict.notes),
        "sides": [asdict(side) for side in verdict.sides],
        "diagnoses": list(verdict.diagnoses),
        "correction": verdict.correction,
        "counterexample": found
        and {
            "parameters": {name: str(value) for name, value in found.parameters},
            "formula": found.formula,
            "truth": found.truth,
        },
    }
