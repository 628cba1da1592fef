"""The command `derive`, which prints a derivation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_args

from kl_symbolic import files
from kl_symbolic.cli import request
from kl_symbolic.cli.streams import is_terminal, say, show
from kl_symbolic.errors import RequestError
from kl_symbolic.options import Environment, Indices, Lemmas, Logarithm, parse_label, parse_stages, parse_symbols

if TYPE_CHECKING:
    from kl_symbolic.derivation import Derivation

FORMATS = ("text", "latex", "tex", "pdf", "markdown", "github", "html", "json")
WITHOUT_CLOSING_BLOCK = ("latex", "json")
# The options that every format has but json, which is the proof itself; and those that some do not have.
EVERYWHERE = ("indices", "log", "divergence", "symbols", "expectation", "stages", "lemmas")
NOT_IN = {"label": ("text",), "environment": ("text", "html")}
STYLES = {"title": "bold", "heading": "bold cyan", "rule": "dim", "result": "bold green", "certificate": "green"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `derive` takes."""
    request.add_laws(parser)
    request.add_options(parser)
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")
    parser.add_argument(
        "--stages", type=_read(parse_stages), metavar="1,3-5", help="show these stages and what they cite, nothing else"
    )
    parser.add_argument(
        "--lemmas",
        choices=get_args(Lemmas),
        help="show them with their proofs, their statements, or just name them; default: full, of latex: name",
    )
    parser.add_argument("--fold", action="store_const", const="fold", dest="lemmas", help="the same as --lemmas fold")
    parser.add_argument(
        "--symbols",
        type=_read(_utf8),
        action="append",
        metavar="OURS=TEX",
        help=r"on the left our name of a symbol, on the right how it is shown, for example 'mu_1=\mu_p'; P and Q stand "
        "for the laws, x for the variable (the command check has it the other way round)",
    )
    parser.add_argument("--indices", choices=get_args(Indices), help="indices of the parameters; default: 12")
    parser.add_argument("--log", choices=get_args(Logarithm), help="name of the logarithm; default: log")
    parser.add_argument(
        "--divergence",
        type=_read(_utf8),
        metavar="TEX",
        help=r"name of the divergence, for example '\mathrm{KL}' or '\KL'",
    )
    parser.add_argument(
        "--expectation", action="store_const", const=True, help="write expectations E_P[...] in place of integrals"
    )
    parser.add_argument(
        "--environment",
        choices=get_args(Environment),
        help="of LaTeX and Markdown: each stage by itself, or all aligned at the equals sign; default: equation",
    )
    parser.add_argument(
        "--label",
        type=_read(parse_label),
        metavar="PREFIX",
        help="of the labels, as in PREFIX-1; default: the name of the derivation",
    )


def run(options: argparse.Namespace) -> int:
    """Derive, prove, check, print, and return the exit code."""
    from kl_symbolic.api import DIGITS, QUICK_POINTS, prove, verify

    how = {name: value for name in (*EVERYWHERE, *NOT_IN) if (value := getattr(options, name)) is not None}
    for name in how:
        if options.format == "json" or options.format in NOT_IN.get(name, ()):
            raise RequestError(f"--format {options.format} has no --{name}")
    if "symbols" in how:
        how["symbols"] = parse_symbols(how["symbols"])
    to_terminal = options.output is None and is_terminal(sys.stdout)
    if to_terminal and options.format == "pdf":
        raise RequestError("a PDF is not for a terminal; give a file with -o")
    derivation = request.derivation(options)
    derivation.document(**how)  # what does not fit is refused before seconds are spent
    proof = prove(derivation)
    report = None
    if options.format not in WITHOUT_CLOSING_BLOCK:
        report = verify(derivation, DIGITS, QUICK_POINTS, stages=False)
    how |= {"proof": proof, "report": report}
    if options.format == "json":
        if derivation.is_special:
            say(f"kl-symbolic: the proof file is that of {derivation.record.name}, from which the special case follows")
        artefact: str | bytes = derivation.to_json()
    elif to_terminal and options.format == "text":
        artefact = _coloured(derivation, how)
    else:
        artefact = getattr(derivation, f"to_{options.format}")(**how)
    if options.output is None:
        show(artefact)
    else:
        files.write(options.output, artefact.encode("utf-8") if isinstance(artefact, str) else artefact)
    return request.verdict(report)


def _coloured(derivation: Derivation, how: dict[str, Any]) -> str:
    """Return a derivation as text in colour; rich honours NO_COLOR."""
    from rich.console import Console
    from rich.text import Text

    from kl_symbolic.render import lines

    console = Console(highlight=False, soft_wrap=True)
    with console.capture() as captured:
        for line in lines(derivation.document(**how)):
            console.print(Text(line.text, style=STYLES.get(line.kind, "")))
    return captured.get()


def _read(reader: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader of an argument whose own words are the message."""

    def read(text: str) -> Any:
        try:
            return reader(text)
        except RequestError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read


def _utf8(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise RequestError(f"no text in UTF-8: {text!r}") from None
    return text
