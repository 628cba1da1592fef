"""How the words of a command are read."""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from typing import Any, NoReturn

from kl_symbolic.cli.exit_codes import USAGE
from kl_symbolic.cli.streams import say, show


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
