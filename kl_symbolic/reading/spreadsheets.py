"""What formulas of spreadsheets mean otherwise than those of mathematics; they begin with a sign of equality."""

from __future__ import annotations

import re

from kl_symbolic.errors import RequestError

_BEGINS = re.compile(r"\s*=(?!=)(?=\S|.*?(?<![A-Za-z])[A-Z]{2,6}\()", re.DOTALL)
_LOG = re.compile(r"(?<![A-Za-z_.])log\s*\(", re.IGNORECASE)
_PIECE = re.compile(r"[A-Za-z_$][\w.$]*|[0-9.]+|\S")


def refuse_other_meanings(text: str) -> None:
    """Refuse what a spreadsheet takes otherwise: LOG is to base 10 there, -m^2 is (-m)^2, and a^b^c is (a^b)^c.

    Raises
    ------
    RequestError
        If a text is a formula of a spreadsheet that holds such.

    Examples
    --------
    >>> refuse_other_meanings("=LN(s2/s1) - m^2"), refuse_other_meanings("log(s2/s1)")
    (None, None)
    >>> refuse_other_meanings("=LOG(s2/s1)")
    Traceback (most recent call last):
        ...
    kl_symbolic.errors.RequestError: ambiguous: LOG( behind = is to base 10 in a spreadsheet; write LN(...)
    """
    begins = _BEGINS.match(text)
    if begins is None:
        return
    if found := _LOG.search(text):
        raise RequestError(f"ambiguous: {found[0]} behind = is to base 10 in a spreadsheet; write LN(...)")
    before, signs = "=", [""]  # of every open parenthesis, what an exponent behind it would be about
    for piece in _PIECE.findall(text, begins.end()):
        if piece == "^":
            if signs[-1]:
                raise RequestError(f"ambiguous: {signs[-1]} in a spreadsheet; write parentheses")
            signs[-1] = "a^b^c is (a^b)^c"
        elif piece in "+-" and before in "=(+-*/,;":
            signs[-1] = "-m^2 behind = is (-m)^2" if piece == "-" else signs[-1]
        elif piece in "([":
            signs.append("")
        elif piece in ")]":
            signs = signs[:-1] or [""]
        elif piece in "+-*/,;":
            signs[-1] = ""
        before = piece
