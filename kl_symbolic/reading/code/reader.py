"""Read a formula as code writes it: Python, R, Julia, MATLAB. Nothing is run.

The text becomes statements that Python's parser accepts, and these a tree. Variables are put in place. Sums and means
over axes stay what they are: which of them are over coordinates is decided later.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from itertools import islice

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.code.expressions import MOST_NODES
from kl_symbolic.reading.code.lines import ParsedCode, program
from kl_symbolic.reading.code.statements import Statements
from kl_symbolic.reading.code.values import height
from kl_symbolic.reading.syntax import FUNCTIONS, MOST_DEPTH, Node, is_of_library
from kl_symbolic.reading.tokens import MODULES, MOST_CHARACTERS, plain

MOST_VARIABLES = 50  # that are looked for

_LATEX = re.compile(r"\\(?!\s*(?:\n|$))")
_ASSIGNED = re.compile(r"^[ \t]*([^\W\d][\w.]*)[ \t]*(?:<-|=(?!=))(.*)$", re.MULTILINE)
_STATEMENT = re.compile(r"^[ \t]*[^\W\d]\w*(?:[.\[][^=\n]*)?[ \t]*[-+*/]?=(?![=>])", re.MULTILINE)
_PLAIN_CALL = re.compile(r"(?<![\w.])((?:[A-Za-z]+\.)+)([A-Za-z]+)(?=\s*\()", re.ASCII)
# What only code writes.
_MARKS = re.compile(
    r"""
    (?<![\w.])(?!e\.g|i\.e)[^\W\d]\w*+\.[^\W\d]              # dotted names, methods
    | [)\]]\s*\.[^\W\d]                                       # methods
    | (?<![0-9.\s])\s*\.[*/^+-] | \s\.[*/^+-]                  # element by element
    | (?<!\w)[^\W\d]\w*+\.\(                                   # exp.(x)
    | [0-9]\.[0-9]*f[0-9]\b | =\s*-?[0-9]+L\b                  # 0.5f0, 1L
    | <- | \w\$[^\W\d] | \w::\w | \bk_[a-z]++\(       # R
    | ;\s*(?:\n|$)                                             # MATLAB
    | (?:^|\n)[ \t]*(?:return|def|function|import|from|class|assert|const|let)\b
    | (?:^|\n)[ \t]*@[^\W\d] | @\.
    | \b(?:axis|dim|dims|axes|keepdims?|reduction_indices)\s*=
    | \bfunction\s*\(
    | [-+*/]=(?!=) | \\\s*\n | %(?:pi|e)\b
    | \[\s*["'] | (?:^|\n)[ \t]*(?:>>>|```) | := | \blambda\s*\w*[,:] | \bfor\s+\w+\s+in\b | \bif\b[^\n]{0,200}?\belse\b
    | @\( | \)\s*[-=]>\s | (?:^|\n)[ \t]*(?:double|float|auto|static|public|final|fn|func|fun)\s+[^\W\d]
    | \b(?:abs2|log1p|expm1|squared_difference|softplus)\( | \b(?:var|mean|std|rate|scale)\(\s*\w+\s*\)
    | \bsum\([^()]*(?:\([^()]*\)[^()]*)*,\s*[12]\s*\) | \blog\([^()]*(?:\([^()]*\)[^()]*)*,\s*(?:2|10)\s*\)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Code:
    """What code says.

    Attributes
    ----------
    node
        The formula.
    notes
        What was done to read it, in words for people.
    left
        A left side that names the quantity and was cut off: ``KL(q || p)``.
    """

    node: Node
    notes: tuple[str, ...] = ()
    left: str = ""


def is_code(text: str) -> bool:
    r"""Whether a text is code rather than a formula.

    Examples
    --------
    >>> is_code("0.5 * (mu.pow(2) - 1)"), is_code("0.5*(mu^2 - 1)"), is_code(r"\mu^2.x"), is_code("np.log(s2/s1)")
    (True, False, False, False)
    """
    if _LATEX.search(text) or len(text) > MOST_CHARACTERS:
        return False
    marked = _MARKS.search(_PLAIN_CALL.sub(_without_module, text))
    return bool(marked) or len(_STATEMENT.findall(text)) > 1 or _uses_variables(text)


def read_code(text: str) -> Code:
    """Read code.

    Raises
    ------
    RequestError
        If it is no formula, or more than one; the message has one line.

    Examples
    --------
    >>> read_code("x = mu.pow(2); return 0.5 * x").node == read_code("0.5 * mu**2").node
    True
    >>> read_code("-KL(q, p) = mu").notes
    ('the minus sign before KL(q, p) is moved to the other side',)
    """
    plain(text)  # refuses what is too long or cannot be seen
    try:
        return _read(text)
    except RecursionError:
        raise RequestError("not a formula: it is nested too deep") from None


def _read(text: str) -> Code:
    """Read code that Python's parser or we may find too deep."""
    made = program(text)
    body = _parsed(made).body
    if sum(1 for one in body for _ in ast.walk(one)) > 2 * MOST_NODES:
        raise RequestError(f"not a formula: code of more than {2 * MOST_NODES} parts")
    statements = Statements(made)
    node = statements.judged(body)
    if height(node) > MOST_DEPTH:
        raise RequestError(f"not a formula: it is nested more than {MOST_DEPTH} deep")
    return Code(node, tuple(dict.fromkeys((*made.notes, *statements.notes))), made.left)


def _parsed(made: ParsedCode) -> ast.Module:
    """Let Python's parser read the statements."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the style of the code
            return ast.parse("\n".join(made.lines))
    except SyntaxError as error:
        line = made.sources[min(max(error.lineno or 1, 1), len(made.sources)) - 1] if made.sources else ""
        raise RequestError(f"not read as code: {line or 'there is nothing to read'}") from None
    except (MemoryError, ValueError):
        raise RequestError("not a formula: it is nested too deep") from None


def _without_module(found: re.Match[str]) -> str:
    """Drop a module that formulas may have too: ``np.log(x)``."""
    known = found[2] in FUNCTIONS and (found[1][:-1] in MODULES or is_of_library(found[0]))
    return found[2] if known else found[0]


def _uses_variables(text: str) -> bool:
    """Whether a line gives a variable a value that a later line uses."""
    for one in islice(_ASSIGNED.finditer(text), MOST_VARIABLES):
        if re.search(rf"(?<![\w.]){re.escape(one[1])}(?![\w.])", text[one.end() :]):
            return True
    return False
