"""The fonts of mathematics: what each may hold, and its letters in Unicode."""

from __future__ import annotations

import string
import unicodedata
from contextlib import suppress
from typing import NamedTuple

from kl_symbolic.render.layout import LETTERS

LATIN, DIGITS = frozenset(string.ascii_letters), frozenset(string.digits)


class Font(NamedTuple):
    """A font: the command that is written, its name in Unicode, what it holds, and that in words."""

    command: str
    alphabet: str
    holds: frozenset[str]
    words: str


_WORD = (LATIN | DIGITS, "letters a to z and digits")
_CAPITALS = (frozenset(string.ascii_uppercase), "capital letters")
_TEXT = (LATIN | DIGITS | set(" -."), "letters, digits, spaces, hyphens and dots")
_ANY = (LATIN | DIGITS | LETTERS.keys(), "letters and digits")
FONTS = {
    r"\mathrm": Font(r"\mathrm", "", *_WORD),
    r"\operatorname": Font(r"\mathrm", "", *_WORD),  # which GitHub does not have
    r"\text": Font(r"\text", "", *_TEXT),
    r"\mathit": Font(r"\mathit", "", *_WORD),
    r"\mathsf": Font(r"\mathsf", "SANS-SERIF", *_WORD),
    r"\mathtt": Font(r"\mathtt", "MONOSPACE", *_WORD),
    r"\mathbf": Font(r"\mathbf", "BOLD", *_WORD),
    r"\boldsymbol": Font(r"\boldsymbol", "BOLD ITALIC", *_ANY),
    r"\bm": Font(r"\boldsymbol", "BOLD ITALIC", *_ANY),
    r"\mathcal": Font(r"\mathcal", "SCRIPT", *_CAPITALS),
    r"\mathbb": Font(r"\mathbb", "DOUBLE-STRUCK", *_CAPITALS),
    r"\mathfrak": Font(r"\mathfrak", "FRAKTUR", *_WORD),
}
UPRIGHT = (r"\mathrm", r"\text")


def in_alphabet(alphabet: str, c: str) -> str:
    """Return a letter or digit in one of Unicode's mathematical alphabets, or as it is.

    >>> in_alphabet("FRAKTUR", "C"), in_alphabet("BOLD ITALIC", "μ")
    ('ℭ', '𝝁')
    """
    if not alphabet:
        return c
    letter = " ".join(word for word in unicodedata.name(c).split() if word not in ("LATIN", "GREEK", "LETTER"))
    # The letters that were there before the alphabets have names of their own.
    for start in (f"MATHEMATICAL {alphabet}", alphabet.replace("FRAKTUR", "BLACK-LETTER")):
        with suppress(KeyError):
            return unicodedata.lookup(f"{start} {letter}")
    return c
