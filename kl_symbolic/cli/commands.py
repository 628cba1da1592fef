"""The commands, each with what it takes and what it does, and the parser that reads them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple

from kl_symbolic import __version__
from kl_symbolic.cli import answers, audit, check, code, derive, listing, replay, vectors, verify
from kl_symbolic.cli.arguments import Parser
from kl_symbolic.cli.exit_codes import OK
from kl_symbolic.cli.streams import show


class Command(NamedTuple):
    """A command: its purpose in words, an example, what adds its arguments to its parser, and what runs it."""

    name: str
    purpose: str
    example: str
    add_arguments: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]


def parser() -> Parser:
    """Return the parser of the command line."""
    made = Parser(prog="kl-symbolic", description="Kullback-Leibler divergences: derived, proved, checked, printed.")
    made.add_argument("--version", action="version", version=f"kl-symbolic {__version__}")
    commands = made.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=Parser)
    for name, purpose, example, add_arguments, run in COMMANDS:
        one = commands.add_parser(
            name, help=purpose, description=f"{purpose.capitalize()}.", epilog=f"Example: kl-symbolic {name} {example}"
        )
        add_arguments(one)
        one.set_defaults(handler=run)
    return made


def _add_shell(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def _complete(options: argparse.Namespace) -> int:
    import shtab

    show(shtab.complete(parser(), options.shell))
    return OK


COMMANDS = (
    Command("list", "list the families and what is derived for them", "", lambda _: None, listing.run),
    Command(
        "derive", "derive, prove and print", "normal normal --format pdf -o kl.pdf", derive.add_arguments, derive.run
    ),
    Command(
        "answers", "list where it is finite, infinite or unknown", "gamma normal", answers.add_arguments, answers.run
    ),
    Command(
        "verify",
        "cross-check every stage by numbers",
        "normal normal --digits 200 --points 2",
        verify.add_arguments,
        verify.run,
    ),
    Command(
        "check",
        "decide whether a formula is right",
        "normal standard_normal 'mu^2/2 + (s^2 - 1)/2 - ln(s)'",
        check.add_arguments,
        check.run,
    ),
    Command(
        "audit",
        "audit a function that computes a divergence",
        "mypackage.losses:kl_loss --pair diagonal_normal standard_normal --args mu,logvar",
        audit.add_arguments,
        audit.run,
    ),
    Command(
        "vectors",
        "make test vectors: exact parameters, and values to many digits",
        "normal normal --count 200 --digits 50 --format json",
        vectors.add_arguments,
        vectors.run,
    ),
    Command(
        "code",
        "write a closed form as a function in another language",
        "diagonal_normal standard_normal --param logvar --target c",
        code.add_arguments,
        code.run,
    ),
    Command("replay", "load a proof file and prove it anew", "proof.json", replay.add_arguments, replay.run),
    Command("completion", "print a completion script for a shell", "bash", _add_shell, _complete),
)
