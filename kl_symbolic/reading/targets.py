"""What stands before a formula: the name that it is given, as in ``kl =`` and ``loss <-``, or ``return``."""

from __future__ import annotations

import re

_CODE = re.compile(
    r"^\s*(?:return|def|function)\b|<-|[\w)\]]\.\w*\(|\w\$\w|::|\.[*/^]|\bk_\w+\(|\*\*|;\s*$|[-+*/]=|\b(?:axis|dims?)\s*=",
    re.MULTILINE,
)
_NAME = r"[^\W\d][\w.]*(?:\[[^\]\n]*\])?(?:\((?:[^()\n=]|\([^()\n=]*\))*\))?"
_STATEMENT = re.compile(rf"[ \t]*(?:(?:def\b.*:[ \t]*)?(return)\b|[-−]?[ \t]*({_NAME})[ \t]*(<-|[-+*/]?=)(?!=))")
_FUNCTION = re.compile(r"^[ \t]*(?:def|function)[ \t]+(\w+)", re.MULTILINE)
_CONTINUES = re.compile(r"[-+*/.)\]}]|end\b")  # what no statement begins with
_CONTINUED = re.compile(r"(?:\\|[-+*/=,])\s*$")  # what none ends with
_FRAME = re.compile(r"\$|\\\[|\\\(|\\begin\{[^{}]*\}|&|\\\\")


def target_of(text: str, *, named: bool) -> tuple[str, str]:
    r"""Return what stands before a formula, and what behind.

    Parameters
    ----------
    text
        All that was written.
    named
        Whether the first side of an equation is a name.

    Examples
    --------
    >>> target_of("x = a\nkl_loss *= -0.5 * x;", named=True)
    ('kl_loss = ', ';')
    >>> target_of(r"$-D_{KL}(P \| Q) = \mu$", named=True), target_of("kl <- 2*k_sum(mu)", named=False)
    (('D_{KL}(P \\| Q) = ', ''), ('kl <- ', ''))
    """
    behind = ";" if text.rstrip().endswith(";") else ""
    if "\\" not in text.replace("\\\n", "") and _CODE.search(text):
        return _of_statement(_last_statement(text)), behind
    left = _left(text) if named else ""
    return f"{left} = " if left else "", behind


def result_of(code: str) -> str:
    r"""Return the name that code gives its result: that of the last variable, or of the function that returns it.

    >>> result_of("x = mu.pow(2)\nneg_kl = x + 1"), result_of("def kl_qp(mu, s):\n    return mu")
    ('neg_kl', 'kl_qp')
    """
    found = _of_statement(_last_statement(code))
    if found and found != "return ":
        return found.rpartition(" ")[0].rpartition(" ")[0]
    functions = _FUNCTION.findall(code)
    return functions[-1] if functions else ""


def _left(text: str) -> str:
    """Return what stands before the first sign of equality, without a minus sign."""
    depth = 0
    for at, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == "=" and depth == 0:
            left = " ".join(_FRAME.sub(" ", text[:at]).split())
            return re.sub(r"^[-−–]\s*", "", left).rstrip(": ")
    return ""


def _last_statement(text: str) -> str:
    """Return the line on which the last statement of code begins."""
    depth, last, begins = 0, "", True
    for line in re.split(r"\n|;(?=[^)\]]*$)", text.strip().rstrip(";")):
        if depth == 0 and begins and line.strip() and not (last and _CONTINUES.match(line.strip())):
            last = line
        inside = line.rstrip().removesuffix("{")  # of a function
        depth = max(depth + sum((c in "([{") - (c in ")]}") for c in inside), 0)
        begins = not _CONTINUED.search(line)
    return last


def _of_statement(line: str) -> str:
    found = _STATEMENT.match(line)
    if found is None:
        return ""
    return "return " if found[1] else f"{found[2]} {'<-' if found[3] == '<-' else '='} "
