"""The command line: stdout carries the artefact only, everything else goes to stderr.

Heavy imports stay inside the handlers, so that ``--help`` starts at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, get_args

from kl_symbolic import cli_audit, cli_claims
from kl_symbolic.errors import KLError, MissingProgramError, NoClosedFormError, RequestError
from kl_symbolic.exit_codes import INTERRUPTED, MISSING, NO_CLOSED_FORM, OK, REFUTED, UNKNOWN, USAGE
from kl_symbolic.proof.claim import OPTIONS, Quantity, Route, Unit

if TYPE_CHECKING:
    from kl_symbolic.derivation import Derivation
    from kl_symbolic.verification import Report

FORMATS = ("text", "latex", "tex", "pdf", "markdown", "github", "html", "json")
WITHOUT_CLOSING_BLOCK = ("latex", "json")
STYLES = {"title": "bold", "heading": "bold cyan", "rule": "dim", "result": "bold green", "certificate": "green"}


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave with the code for usage."""
        self.exit(USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns
    -------
    int
        0 ok; 1 refuted; 2 usage; 3 no such pair or no closed form; 4 a program is missing; 5 unknown.
    """
    options = _parser().parse_args(cli_claims.with_leading_minus(sys.argv[1:] if arguments is None else arguments))
    try:
        return int(options.handler(options))
    except BrokenPipeError:  # the reader has seen enough
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except KLError as error:
        return _complain(str(error), _code(error))


def _code(error: KLError) -> int:
    for kind, code in ((RequestError, USAGE), (NoClosedFormError, NO_CLOSED_FORM), (MissingProgramError, MISSING)):
        if isinstance(error, kind):
            return code
    return REFUTED


def _parser() -> Parser:
    from kl_symbolic import __version__

    parser = Parser(prog="kl-symbolic", description="Kullback-Leibler divergences: derived, proved, checked, printed.")
    parser.add_argument("--version", action="version", version=f"kl-symbolic {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=Parser)

    listing = _command(commands, "list", "list the families and what is derived for them", "")
    listing.set_defaults(handler=_list)

    derive = _command(commands, "derive", "derive, prove and print", "normal normal --format pdf -o kl.pdf")
    _add_request(derive)
    derive.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    derive.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE instead of standard output")
    derive.add_argument("--symbols", action="append", default=[], metavar="NAME=TEX", help=r"for example 'mu_1=\mu_p'")
    derive.add_argument("--indices", choices=("12", "pq"), default="12", help="indices of the parameters; default: 12")
    derive.add_argument("--log", choices=("log", "ln"), default="log", help="name of the logarithm; default: log")
    derive.add_argument(
        "--stages", type=_stages, metavar="1,3-5", help="show these stages and what they cite, nothing else"
    )
    derive.add_argument("--fold", action="store_true", help="show only the statements of the lemmas")
    derive.set_defaults(handler=_derive)

    verify = _command(commands, "verify", "cross-check every stage by numbers", "normal normal --digits 200 --points 2")
    _add_request(verify)
    verify.add_argument("--all", action="store_true", help="check everything that `list` shows")
    verify.add_argument("--digits", type=int, default=50, help="digits that must agree; default: 50")
    verify.add_argument("--points", type=int, default=8, help="random rational parameter points; default: 8")
    verify.add_argument("--seed", type=int, default=0, help="seed of the points; default: 0")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    verify.set_defaults(handler=_verify)

    check = _command(
        commands, "check", "decide whether a formula is right", "normal standard_normal 'mu^2/2 + (s^2 - 1)/2 - ln(s)'"
    )
    cli_claims.add_arguments(check)
    _add_options(check)

    audit = _command(
        commands,
        "audit",
        "audit a function that computes a divergence",
        "mypackage.losses:kl_loss --pair diagonal_normal standard_normal --args mu,logvar",
    )
    cli_audit.add_arguments(audit)

    replay = _command(commands, "replay", "load a proof file and prove it anew", "proof.json")
    replay.add_argument("file", type=Path, help="a file written by derive --format json; - for standard input")
    replay.set_defaults(handler=_replay)

    completion = _command(commands, "completion", "print a completion script for a shell", "bash")
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))
    completion.set_defaults(handler=_completion)
    return parser


def _command(commands: argparse._SubParsersAction[Parser], name: str, purpose: str, example: str) -> Parser:
    return commands.add_parser(
        name, help=purpose, description=f"{purpose.capitalize()}.", epilog=f"Example: kl-symbolic {name} {example}"
    )


def _add_request(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("p", metavar="P", nargs="?", help="the law P, for example normal or diagonal_normal")
    parser.add_argument("q", metavar="Q", nargs="?", help="the law Q, for example normal or standard_normal")
    _add_options(parser)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quantity", choices=get_args(Quantity), default="kl", help="what of them; default: kl")
    parser.add_argument("--of", metavar="NAME", help="which moment, or the parameter of a score")
    parser.add_argument("--route", choices=get_args(Route), help="default: entropy, where it exists")
    parser.add_argument("--param", metavar="NAME", help="parameterisation, for example std, var or logvar")
    parser.add_argument("--dim", type=int, metavar="N", help="dimension of a product law; default: symbolic n")
    parser.add_argument("--unit", choices=get_args(Unit), default="nats", help="default: nats")


def _request(options: argparse.Namespace) -> Derivation:
    from kl_symbolic.api import derive

    if options.p is None:
        raise RequestError("name the law P, and the law Q, for example: normal normal")
    derivation = derive(options.p, options.q, **{name: getattr(options, name) for name in OPTIONS})
    divergences = [d for d in (*derivation.lemmas, derivation) if d.claim.quantity == "kl"]
    if options.route is None and any(step.rule == "moments" for d in divergences for step in d.steps):
        _complain("the entropy has no closed form here; derived by the direct route", OK)
    return derivation


def _stages(text: str) -> tuple[int, ...]:
    from kl_symbolic.render import parse_stages

    try:
        return parse_stages(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _list(_: argparse.Namespace) -> int:
    from kl_symbolic.api import catalogue
    from kl_symbolic.families import all_families, names

    out = ["families"]
    for family in all_families().values():
        param = "; ".join(
            f"{name}: " + ", ".join(f"{p.name} ({p.meaning})" for p in family.parameters_in(name))
            for name in family.param_names
        )
        out.append(f"  {family.name:<14} {param}")
    out += ["names", "  " + " ".join(names()), "derived and proved"]
    for derivation in catalogue():
        out.append(f"  {derivation.name:<50} {derivation}")
    print("\n".join(out))  # noqa: T201
    return OK


def _derive(options: argparse.Namespace) -> int:
    from kl_symbolic.api import DIGITS, QUICK_POINTS, prove, verify
    from kl_symbolic.render import Notation, parse_symbols

    notation = Notation(options.indices, options.log, symbols=parse_symbols(options.symbols))
    derivation = _request(options)
    proof = prove(derivation)
    report = None
    if options.format not in WITHOUT_CLOSING_BLOCK:
        report = verify(derivation, DIGITS, QUICK_POINTS, stages=False)
    if options.format == "json":
        artefact: str | bytes = derivation.to_json()
    else:
        show = getattr(derivation, f"to_{options.format}")
        chosen = {"stages": options.stages, "fold": options.fold}
        if options.format == "text" and options.output is None and sys.stdout.isatty():
            return _show(derivation.document(notation=notation, proof=proof, report=report, **chosen), report)
        artefact = show(notation=notation, proof=proof, report=report, **chosen)
    _write(artefact, options.output)
    return _verdict(report)


def _show(document: object, report: Report | None) -> int:
    """Print a document in colour; rich honours NO_COLOR."""
    from rich.console import Console
    from rich.text import Text

    from kl_symbolic.render import Document, lines

    assert isinstance(document, Document)
    console = Console(highlight=False, soft_wrap=True)
    for line in lines(document):
        console.print(Text(line.text, style=STYLES.get(line.kind, "")))
    return _verdict(report)


def _verify(options: argparse.Namespace) -> int:
    import json

    from kl_symbolic.api import catalogue, verify

    if options.all and options.p:
        raise RequestError("give either a pair or --all")
    reports = []
    for derivation in catalogue() if options.all else [_request(options)]:
        with _progress(derivation.name) as progress:
            report = verify(derivation, options.digits, options.points, seed=options.seed, progress=progress)
        reports.append(report)
        if not options.json:
            print(report, flush=True)  # noqa: T201
    if options.json:
        data = [report.to_dict() for report in reports]
        print(json.dumps(data if options.all else data[0], indent=2, ensure_ascii=False))  # noqa: T201
    return max(map(_verdict, reports), key=(OK, UNKNOWN, REFUTED).index)


class _progress:  # noqa: N801 - used like a function
    """A progress bar on stderr, on a terminal only."""

    def __init__(self, name: str) -> None:
        self.name, self.bar = name, None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            self.bar = Progress(console=Console(stderr=True), transient=True)

    def __enter__(self):  # type: ignore[no-untyped-def] # noqa: ANN204
        if self.bar is None:
            return None
        self.bar.start()
        task = self.bar.add_task(self.name)
        return lambda done, total: self.bar.update(task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()


def _replay(options: argparse.Namespace) -> int:
    from kl_symbolic.api import replay

    try:
        text = sys.stdin.read() if str(options.file) == "-" else options.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"cannot read {options.file}: {getattr(error, 'strerror', None) or error}") from error
    proof = replay(text)
    print(f"proved: {proof.claim.name}, {proof.steps} steps, {len(proof.lemmas)} lemmas")  # noqa: T201
    print("axioms:", "; ".join(proof.axioms))  # noqa: T201
    print("computed, not proved:", ", ".join(proof.computed) or "nothing")  # noqa: T201
    return OK


def _completion(options: argparse.Namespace) -> int:
    import shtab

    print(shtab.complete(_parser(), options.shell))  # noqa: T201
    return OK


def _write(artefact: str | bytes, output: Path | None) -> None:
    """Write to standard output, or to a file as a whole: nothing half-written is left behind."""
    data = artefact.encode("utf-8") if isinstance(artefact, str) else artefact
    if output is None:
        if isinstance(artefact, bytes) and sys.stdout.isatty():
            raise RequestError("a PDF is not for a terminal; give a file with -o")
        sys.stdout.flush()
        sys.stdout.buffer.write(data if data.endswith(b"\n") or isinstance(artefact, bytes) else data + b"\n")
        sys.stdout.flush()
        return
    temporary = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(output)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise RequestError(f"cannot write {output}: {error.strerror}") from error


def _verdict(report: Report | None) -> int:
    return OK if report is None else {"agree": OK, "disagree": REFUTED, "unknown": UNKNOWN}[report.status]


def _complain(message: str, code: int) -> int:
    print(f"kl-symbolic: {message}", file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
