"""The command line: stdout carries the artefact only, everything else goes to stderr.

Heavy imports stay inside the handlers, so that ``--help`` starts at once.
"""

from kl_symbolic.cli.commands import parser
from kl_symbolic.cli.entry import main

__all__ = ["main", "parser"]
