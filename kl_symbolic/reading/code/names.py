"""The names in code and their spelling in ASCII."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.alphabet import GREEK, SUBSCRIPTS, SUPERSCRIPTS
from kl_symbolic.reading.tokens import excerpt

MOST_LETTERS = 100  # of a name
_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)")


@dataclass(frozen=True)
class Word:
    """A name in the text, its spelling in ASCII, and whether it is the square of what is spelled: σ²."""

    written: str
    spelling: str
    squared: bool = False


def spelled(written: str) -> tuple[Word, str]:
    """Spell a name in ASCII; what is returned beside it is an exponent other than 2.

    >>> spelled("logσ²")[0].spelling, spelled("σ₁")[0].spelling, spelled("σp²")[0], spelled("x³")[1]
    ('logsigma_sq', 'sigma_1', Word(written='σp²', spelling='sigma_p', squared=True), '3')
    """
    if len(written) > MOST_LETTERS:
        raise RequestError(f"not part of a formula: a name of {len(written)} letters, {excerpt(written)}")
    spelling, exponent, squared, at = "", "", False, 0
    while at < len(written):
        c, start = written[at], at
        if c in SUPERSCRIPTS or c in SUBSCRIPTS:
            table = SUPERSCRIPTS if c in SUPERSCRIPTS else SUBSCRIPTS
            while at < len(written) and written[at] in table:
                at += 1
            run = "".join(table[c] for c in written[start:at])
            if table is SUBSCRIPTS:
                spelling += "_" + run
            elif exponent or squared:
                raise RequestError(f"not part of a formula: two exponents in {excerpt(written)}")
            elif run == "2" and spelling.startswith(("log", "ln")):
                spelling += "_sq"
            elif run == "2":
                squared = True
            else:
                exponent = run
            continue
        spelled_letter = letter(c) or ""
        after_greek = at > 0 and not written[at - 1].isascii() and spelling[-1:].isalpha()
        greek = len(spelled_letter) > 1
        word = spelling.rpartition("_")[2].lower()
        if (after_greek and spelled_letter[0].isalpha()) or (
            greek and word and word[-1].isalpha() and word not in ("log", "ln")
        ):
            spelling += "_"
        spelling += spelled_letter
        at += 1
    if exponent and squared:
        raise RequestError(f"not part of a formula: two exponents in {excerpt(written)}")
    return Word(written, spelling, squared), exponent


def letter(c: str) -> str | None:
    """Spell one character of a name, or return None if it is of no name."""
    if c.isascii():
        return c if c.isalnum() or c == "_" else None
    plain = unicodedata.normalize("NFKC", c)
    if len(plain) != 1:
        return None
    if plain.isascii():
        mathematical = 0x1D400 <= ord(c) <= 0x1D7FF  # noqa: PLR2004
        return plain if mathematical and plain.isalnum() else None
    found = _GREEK.fullmatch(unicodedata.name(plain, ""))
    if plain in GREEK or found is None:
        return GREEK.get(plain)
    name = {"LAMDA": "LAMBDA"}.get(found[2], found[2]).lower()
    return name if found[1] == "SMALL" else name.capitalize()
