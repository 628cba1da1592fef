"""The command line: stdout carries the artefact only, everything else goes to stderr.

Heavy imports stay inside the handlers, so that ``--help`` starts at once.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from itertools import islice
from typing import Any, NoReturn

from kl_symbolic import cli_audit, cli_claims, cli_derive, cli_request, files
from kl_symbolic.cli_streams import progress, say, show
from kl_symbolic.errors import KLError, MissingProgramError, NoClosedFormError, RequestError
from kl_symbolic.exit_codes import BROKEN_PIPE, INTERRUPTED, MISSING, NO_CLOSED_FORM, OK, REFUTED, UNKNOWN, USAGE

MOST_PARTS = 5_000  # of a statement from a file that is printed: it may be written out much larger than it is there


class Parser(argparse.ArgumentParser):
    """A parser with options and arguments in any order, errors of one line, and help that does not get lost."""

    takes_formulas = False  # which may begin with a minus sign

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read the words of a command with its options first, for argparse takes arguments in one piece only."""
        words = sys.argv[1:] if args is None else list(args)
        return super().parse_known_args(words if self._subparsers else self._options_first(words), namespace)

    def _options_first(self, words: list[str]) -> list[str]:
        options: list[str] = []
        arguments: list[str] = []
        left = iter(words)
        for word in left:
            if word == "--":
                arguments += left
                break
            found = self._option(word)
            if found is not None:
                action, complete = found
                count = 0 if complete else 1 if action.nargs is None else int(action.nargs)
                options += [word, *islice(left, count)]
            elif word[:1] == "-" and word != "-" and (word[:2] == "--" or not self.takes_formulas):
                options.append(word)  # unknown: argparse says so
            else:
                arguments.append(word)
        # A word that begins with a space is no option to argparse, and spaces mean nothing in a formula.
        return [*options, *(f" {word}" if word[:1] == "-" and word != "-" else word for word in arguments)]

    def _option(self, word: str) -> tuple[argparse.Action, bool] | None:
        """Return which option a word is, perhaps shortened, and whether its value is within the word."""
        name, equals, _ = word.partition("=")
        for option, action in self._option_string_actions.items():
            if name == option or (name[:2] == "--" != name and option.startswith(name)):
                return action, bool(equals)
            if len(option) == len("-o") and word.startswith(option) and action.nargs is None:  # -oFILE
                return action, True
        return None

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave with the code for usage."""
        line = message.replace("\n", r"\n")
        self.exit(USAGE, f"{self.prog}: {line} (see {self.prog} --help)\n")

    def _print_message(self, message: str, file: object = None) -> None:
        say(message.rstrip("\n")) if file is sys.stderr else show(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns
    -------
    int
        0 ok; 1 refuted; 2 usage, or a file or stream that cannot be read or written, or is too long; 3 no such pair or
        no closed form; 4 a program is missing; 5 unknown; 130 interrupted; 141 the reader of a pipe has left.
    """
    try:
        options = _parser().parse_args(arguments)
        if arguments is None and options.handler in (cli_derive.run, _verify):
            _make_light()
        return int(options.handler(options))
    except BrokenPipeError:  # nobody has read the verdict, so that it must not seem a good one
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except KLError as error:
        return _complain(str(error), _code(error))
    except OSError as error:  # of the machine: no space for temporary files, no more processes
        return _complain(str(error), USAGE)


def _make_light() -> None:
    """Set up a process that loads much, computes a few numbers, and ends."""
    gc.set_threshold(100_000)  # what is loaded stays
    os.environ.setdefault("KL_SYMBOLIC_NUMBA", "0")  # it takes longer to start than the rest


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
    cli_derive.add_arguments(derive)

    verify = _command(commands, "verify", "cross-check every stage by numbers", "normal normal --digits 200 --points 2")
    cli_request.add_laws(verify)
    cli_request.add_options(verify)
    verify.add_argument("--all", action="store_true", help="check everything that `list` shows")
    verify.add_argument("--digits", type=int, default=50, help="digits that must agree, 5 to 2000; default: 50")
    verify.add_argument("--points", type=int, default=8, help="random rational parameter points, 1 to 100; default: 8")
    verify.add_argument("--seed", type=int, default=0, help="seed of the points; default: 0")
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    verify.set_defaults(handler=_verify)

    check = _command(
        commands, "check", "decide whether a formula is right", "normal standard_normal 'mu^2/2 + (s^2 - 1)/2 - ln(s)'"
    )
    check.takes_formulas = True
    cli_claims.add_arguments(check)
    cli_request.add_options(check)

    audit = _command(
        commands,
        "audit",
        "audit a function that computes a divergence",
        "mypackage.losses:kl_loss --pair diagonal_normal standard_normal --args mu,logvar",
    )
    cli_audit.add_arguments(audit)

    replay = _command(commands, "replay", "load a proof file and prove it anew", "proof.json")
    replay.add_argument("file", help="a file written by derive --format json; - for standard input")
    replay.set_defaults(handler=_replay)

    completion = _command(commands, "completion", "print a completion script for a shell", "bash")
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))
    completion.set_defaults(handler=_completion)
    return parser


def _command(commands: argparse._SubParsersAction[Parser], name: str, purpose: str, example: str) -> Parser:
    return commands.add_parser(
        name, help=purpose, description=f"{purpose.capitalize()}.", epilog=f"Example: kl-symbolic {name} {example}"
    )


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
    show("\n".join(out))
    return OK


def _verify(options: argparse.Namespace) -> int:
    import json

    from kl_symbolic.api import catalogue, verify

    if options.all and options.p:
        raise RequestError("give either a pair or --all")
    reports = []
    for derivation in catalogue() if options.all else [cli_request.derivation(options)]:
        with progress(derivation.name) as moved:
            report = verify(derivation, options.digits, options.points, seed=options.seed, progress=moved)
        reports.append(report)
        if not options.json:
            show(str(report))
    if options.json:
        data = [report.to_dict() for report in reports]
        show(json.dumps(data if options.all else data[0], indent=2, ensure_ascii=False))
    return max(map(cli_request.verdict, reports), key=(OK, UNKNOWN, REFUTED).index)


def _replay(options: argparse.Namespace) -> int:
    from sympy import preorder_traversal

    from kl_symbolic.api import load, prove
    from kl_symbolic.proof.codec import MAX_CHARACTERS
    from kl_symbolic.render import lines

    derivation = load(files.read(options.file, MAX_CHARACTERS))
    proof = prove(derivation)
    if sum(1 for _ in islice(preorder_traversal(derivation.statement.right), MOST_PARTS + 1)) > MOST_PARTS:
        show(f"proved: {derivation.name}, {proof.steps} steps; the statement has more than {MOST_PARTS} parts")
        return OK
    found = lines(derivation.document(proof=proof, stages=()))
    certificate = [line.text for line in found if line.kind == "certificate"]
    show("\n".join((f"proved: {derivation.name}", f"  {derivation}", *certificate)))
    return OK


def _completion(options: argparse.Namespace) -> int:
    import shtab

    show(shtab.complete(_parser(), options.shell))
    return OK


def _complain(message: str, code: int) -> int:
    say(f"kl-symbolic: {message}")
    return code


if __name__ == "__main__":
    sys.exit(main())
