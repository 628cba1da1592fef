"""The command `code`, which writes a closed form as a function in another language."""

from __future__ import annotations

import argparse
from typing import get_args

from kl_symbolic import files
from kl_symbolic.cli import request
from kl_symbolic.cli.exit_codes import OK
from kl_symbolic.cli.streams import show
from kl_symbolic.code.targets import TARGETS
from kl_symbolic.divergences import DEFAULT_QUANTITY, all_quantities
from kl_symbolic.proof.question import Unit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `code` takes."""
    request.add_laws(parser)
    numbers = [one.name for one in all_quantities().values() if one.is_number]
    parser.add_argument(
        "--quantity", choices=numbers, default=DEFAULT_QUANTITY, help=f"what of the laws; default: {DEFAULT_QUANTITY}"
    )
    request.add_parameterisations(parser, "parameterisation, for example std, var or logvar")
    parser.add_argument("--unit", choices=get_args(Unit), default="nats", help="default: nats")
    parser.add_argument("--target", choices=TARGETS, default="numpy", help="the language or library; default: numpy")
    parser.add_argument("--gradient", action="store_true", help="the derivatives by all parameters instead")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")


def run(options: argparse.Namespace) -> int:
    """Write the function, and return the exit code."""
    from kl_symbolic.closed_forms import closed_form

    request.require_law(options)
    named = ("quantity", "param", "param_p", "param_q", "unit")
    form = closed_form(options.p, options.q, where=options.where, **{name: getattr(options, name) for name in named})
    text = (form.gradient() if options.gradient else form).code(options.target)
    if options.output is None:
        show(text)
    else:
        files.write(options.output, text.encode("utf-8"))
    return OK
