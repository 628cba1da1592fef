"""The directive ``command-line``: every command and option, from the parser that reads them.

The extensions that others publish for this either read the page again at every build or drop backslashes of the help.
"""

import argparse
import textwrap
from collections.abc import Iterator

from generated import Generated
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from kl_symbolic.cli import audit, check, code, commands, derive, replay, request, vectors, verify

WIDTH = 76


class CommandLine(Generated):
    """A section for each command, with real options: the role ``option`` links to them."""

    sources = (audit, check, code, commands, derive, replay, request, vectors, verify)

    def markdown(self) -> list[str]:
        """Return the sections."""
        parser = commands.parser()
        known = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))  # noqa: SLF001
        return [line for name, command in known.choices.items() for line in section(name, command)]


def section(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the section of a command."""
    yield f"(command-{name})=\n## {name}"
    yield escaped(parser.description or "")
    yield f"```text\n{usage(parser)}\n```"
    yield f"```{{program}} {parser.prog}\n```"
    for action in parser._actions:  # noqa: SLF001 - argparse has no public list
        if "--help" not in action.option_strings:
            yield option(action)
    yield f"Example: `{(parser.epilog or '').removeprefix('Example: ')}`"


def usage(parser: argparse.ArgumentParser) -> str:
    """Return the line about all options, broken at spaces, whatever the terminal is."""
    words = " ".join(parser.format_usage().removeprefix("usage: ").split())
    return textwrap.fill(words, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def option(action: argparse.Action) -> str:
    """Return the description of an option or argument."""
    value = action.metavar or ("|".join(action.choices) if action.choices else action.dest.upper())
    names = ", ".join(action.option_strings)
    takes = f" {value}" if action.nargs != 0 and action.option_strings else ""
    head = ", ".join(f"{name}{takes}" for name in action.option_strings) if names else str(value)
    return f"````{{option}} {head}\n{escaped(action.help or '')}\n````"


def escaped(text: str) -> str:
    """Return text whose marks mean nothing in Markdown, except backticks around code."""
    return "".join(f"\\{c}" if c in "\\*_{}[]<>#|$" else c for c in text)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.add_directive("command-line", CommandLine)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
