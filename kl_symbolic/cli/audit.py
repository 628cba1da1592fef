"""The command `audit`, which says whether a function is right."""

from __future__ import annotations

import argparse
import ast
import json
import sys
from contextlib import redirect_stdout

from kl_symbolic.cli import request
from kl_symbolic.cli.exit_codes import OK, REFUTED
from kl_symbolic.cli.streams import show
from kl_symbolic.errors import RequestError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `audit` takes."""
    text = "imported, which runs the code of its module, from the present directory first; a class or a method, too"
    parser.add_argument("function", metavar="MODULE:FUNCTION", help=text)
    parser.add_argument(
        "--pair", nargs=2, metavar=("P", "Q"), required=True, help="the laws P and Q, for example 'normal(0, s)'"
    )
    text = "what parameters are equal to, for example 'mu_2 = 0, sigma_1 = sigma_2'"
    parser.add_argument("--where", action="append", metavar="EQUALITIES", help=text)
    parser.add_argument("--args", metavar="A,B", help="names of the arguments in their order; default: P's, then Q's")
    request.add_parameterisations(parser, "parameterisation; default: the one that --args names")
    text = "one of its other arguments; 0.5[mu] is an array of 0.5 in the shape of mu, 0.5[1,784] one of that shape"
    parser.add_argument("--fixed", metavar="NAME=VALUE", action="append", default=[], help=text)
    parser.add_argument("--item", metavar="NAME", help="which entry of a tuple or dictionary is the answer")
    parser.add_argument("--pack", action="store_true", help="it takes all parameters in one array")
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64", help="default: float64")
    parser.add_argument("--library", choices=("numpy", "torch", "jax", "python"), help="default: found out by trying")
    parser.add_argument("--reduction", metavar="NAME", help="sample, none, sum, mean, ...; default: found out")
    parser.add_argument(
        "--regions", metavar="A,B", help="far, near, equal, extreme, edges, shapes, gradients; default: all"
    )
    parser.add_argument("--rtol", type=float, help="largest relative error that passes; default: 64 eps")
    parser.add_argument("--gradient", metavar="MODULE:FUNCTION", help="the derivatives, where no library takes them")
    parser.add_argument("--rows", type=int, default=50, help="samples in each region; default: 50")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(options: argparse.Namespace) -> int:
    """Audit, print and return the exit code."""
    from kl_symbolic.audit import audit, load_function

    p, q = options.pair
    with redirect_stdout(sys.stderr):  # what the function prints is no part of the report
        found = audit(
            load_function(options.function),
            p,
            q,
            options.args.split(",") if options.args else None,
            options.param,
            param_p=options.param_p,
            param_q=options.param_q,
            where=options.where,
            dtype=options.dtype,
            rtol=options.rtol,
            regions=options.regions.split(",") if options.regions else None,
            reduction=options.reduction,
            library=options.library,
            gradient=load_function(options.gradient) if options.gradient else None,
            rows=options.rows,
            name=options.function,
            fixed=dict(map(_fixed, options.fixed)),
            item=options.item,
            pack=options.pack,
        )
    show(json.dumps(found.to_dict(), indent=2, ensure_ascii=False) if options.json else str(found))
    return OK if found.passed else REFUTED


def _fixed(text: str) -> tuple[str, object]:
    """Return the name and the value of an argument: what Python writes so, or the text as it is."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise RequestError(f"--fixed takes NAME=VALUE, given: {text!r}")
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return name, value
    return name, found
