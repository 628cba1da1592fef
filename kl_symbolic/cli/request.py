"""The laws and options that commands share, and what they come to."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, get_args

from kl_symbolic.cli.exit_codes import OK, REFUTED, UNKNOWN
from kl_symbolic.cli.streams import say
from kl_symbolic.divergences import DEFAULT_QUANTITY, all_quantities, find_quantity
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import OPTIONS, RequestOptions, Route, Unit

if TYPE_CHECKING:
    from kl_symbolic.checks import Report
    from kl_symbolic.derivation import Derivation


def add_laws(parser: argparse.ArgumentParser) -> None:
    """Add P and Q."""
    parser.add_argument("p", metavar="P", nargs="?", help="the law P, for example normal or 'normal(0, s)'")
    parser.add_argument("q", metavar="Q", nargs="?", help="the law Q, for example normal or standard_normal")
    add_where(parser)


def add_where(parser: argparse.ArgumentParser) -> None:
    """Add what parameters are equal to, and above what they lie."""
    parser.add_argument(
        "--where",
        action="append",
        metavar="CONDITIONS",
        help="what parameters are equal to, or lie above, for example 'mu_2 = 0, sigma_1 = sigma_2' or 'alpha_1 > 1'",
    )


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what is asked of the laws."""
    parser.add_argument(
        "--quantity",
        choices=tuple(all_quantities()),
        default=DEFAULT_QUANTITY,
        help=f"what of them; default: {DEFAULT_QUANTITY}",
    )
    parser.add_argument("--of", metavar="NAME", help="which moment, or the parameter of a score")
    parser.add_argument("--route", choices=get_args(Route), help="default: entropy, where it exists")
    add_parameterisations(parser, "parameterisation, for example std, var or logvar")
    parser.add_argument("--dim", type=int, metavar="N", help="dimension of a product law; default: symbolic n")
    parser.add_argument("--unit", choices=get_args(Unit), default="nats", help="default: nats")


def add_parameterisations(parser: argparse.ArgumentParser, words: str) -> None:
    """Add the parameterisation of both laws, and of each."""
    parser.add_argument("--param", metavar="NAME", help=words)
    for law in "PQ":
        parser.add_argument(f"--param-{law.lower()}", metavar="NAME", help=f"the same of {law} alone")


def require_law(options: argparse.Namespace) -> None:
    """Refuse a command without laws."""
    if options.p is None:
        raise RequestError("name the law P, and the law Q, for example: normal normal")


def law_options(options: argparse.Namespace) -> RequestOptions:
    """Return what is asked of the laws."""
    found: RequestOptions = {name: getattr(options, name) for name in OPTIONS}  # type: ignore[assignment]
    return found


def derivation(options: argparse.Namespace) -> Derivation:
    """Derive what is asked for."""
    from kl_symbolic.api import derive
    from kl_symbolic.proof.parameters import base_of

    require_law(options)
    found = derive(options.p, options.q, where=options.where, **law_options(options))
    for parameter, symbol in found.special.names if found.special else ():
        say(f"kl-symbolic: {symbol} is taken for {base_of(parameter)}")
    divergences = [d for d in (*found.lemmas, found) if find_quantity(d.question.quantity).is_divergence]
    if options.route is None and any(step.rule == "moments" for d in divergences for step in d.steps):
        say("kl-symbolic: the entropy has no closed form here; derived by the direct route")
    return found


def verdict(report: Report | None) -> int:
    """Return the exit code of a cross-check."""
    return OK if report is None else {"agree": OK, "disagree": REFUTED, "unknown": UNKNOWN}[report.status]
