"""The command `verify`, which compares every stage with numbers."""

from __future__ import annotations

import argparse
import json

from kl_symbolic.cli import request
from kl_symbolic.cli.exit_codes import OK, REFUTED, UNKNOWN
from kl_symbolic.cli.streams import progress, show
from kl_symbolic.errors import RequestError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `verify` takes."""
    request.add_laws(parser)
    request.add_options(parser)
    parser.add_argument("--all", action="store_true", help="check everything that `list` shows")
    parser.add_argument("--digits", type=int, default=50, help="digits that must agree, 5 to 2000; default: 50")
    parser.add_argument("--points", type=int, default=8, help="random rational parameter points, 1 to 100; default: 8")
    parser.add_argument("--seed", type=int, default=0, help="seed of the points; default: 0")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(options: argparse.Namespace) -> int:
    """Check, print, and return the exit code of the worst."""
    from kl_symbolic.api import catalogue, verify

    if options.all and options.p:
        raise RequestError("give either a pair or --all")
    reports = []
    for derivation in catalogue() if options.all else [request.derivation(options)]:
        with progress(derivation.name) as moved:
            report = verify(derivation, options.digits, options.points, seed=options.seed, progress=moved)
        reports.append(report)
        if not options.json:
            show(str(report))
    if options.json:
        data = [report.to_dict() for report in reports]
        show(json.dumps(data if options.all else data[0], indent=2, ensure_ascii=False))
    return max(map(request.verdict, reports), key=(OK, UNKNOWN, REFUTED).index)
