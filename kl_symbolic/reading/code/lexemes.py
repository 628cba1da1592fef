"""From the characters of code to pieces: names, numerals, operators, in the spelling of Python.

Python, R, Julia and MATLAB write formulas nearly alike. What they write differently becomes Python's here: ``.*``,
``<-``, ``exp.(x)``, ``tf$exp``, ``keras::k_exp``, ``0.5f0``. A letter that looks like one of ours is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.alphabet import MARKS, SPACES, SUBSCRIPTS, SUPERSCRIPTS, character
from kl_symbolic.reading.code.names import letter, spelled
from kl_symbolic.reading.tokens import excerpt

Kind: TypeAlias = Literal["name", "number", "string", "keyword", "mark", "newline", "other"]

KEYWORDS = frozenset(
    """
    and as assert async await break class continue def del elif else except finally for from global if import in
    is lambda None True False nonlocal not or pass raise return try while with yield function
    """.split()  # noqa: SIM905
)
OPERATORS = {
    "<<-": "=", "**=": "**=", ".**": "**", "//=": "//=", "...": "...", "%*%": "@", "**": "**", "//": "//", "<-": "=",
    "->": "->", "::": "::", ":=": ":=", "==": "==", "!=": "!=", "<=": "<=", ">=": ">=", "+=": "+=", "-=": "-=",
    "*=": "*=", "/=": "/=", "||": "||", ".+": "+", ".-": "-", ".*": "*", "./": "/", ".^": "**", ".=": "=", "^": "**",
}  # fmt: skip
SINGLE = {c: c for c in "+-*/%=<>()[]{},.:;@|&~!?"}
UNICODE = {c: text for c, text in MARKS.items() if not c.isascii()} | {"½": "(1/2)", "√": "sqrt", "∑": "sum"}
TRANSPOSE = "ctranspose"  # what the apostrophe of MATLAB is called
QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"})

_STRING = re.compile(
    r"([A-Za-z]{0,2})(\"\"\".*?\"\"\"|'''.*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')", re.DOTALL | re.ASCII
)
_NUMBER = re.compile(r"((?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+))(?:([eE]|[fF](?=[+-]?[0-9]))([+-]?[0-9]+))?L?", re.ASCII)
_SIMPLE = re.compile(r"[\w .-]*|[a-z]+,[a-z]+->[a-z]*", re.ASCII)  # a key, or what einsum sums
_LAMBDA = re.compile(r"lambda\s*(?::|\*{0,2}[A-Za-z_]\w*\s*[,:=])", re.ASCII)  # that of Python, no parameter
_CONTINUED = re.compile(r"\.\.\.[ \t]*(?:%[^\n]*)?\n(?=.*\S)", re.DOTALL)  # a line of MATLAB goes on
_PREFIX = re.compile(r"[rbuf]{1,2}", re.IGNORECASE | re.ASCII)
_PROMPT = re.compile(r"^[ \t]*(?:>>>|julia>|>|In ?\[[0-9 ]*\]:)(?:[ \t]|$)", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*```\w*[ \t]*$|^`|`\s*\Z", re.MULTILINE)  # of Markdown
_JULIA = re.compile(r"\.[*/^+-]|\.\(|[0-9]\.[0-9]*f[0-9]")
_R = re.compile(r"<-|\w\$\w|\w::\w|\bk_[a-z]|=\s*-?[0-9]+L\b")
_RUST = re.compile(r"\blet\b|\bfn\b|\bf(?:32|64)\b")
_TYPED = re.compile(r"(?:[fF]|_f(?:32|64))(?![A-Za-z0-9_(.])", re.ASCII)  # 0.5f, 0.5_f64
_MORE = re.compile(r"^[ \t]*\.\.\.(?:[ \t]|$)", re.MULTILINE)


@dataclass(frozen=True)
class Lexeme:
    """A piece of code in Python's spelling, as it was written, and where it ends; for a newline, the indent.

    Python parses names that stand for the names of the text, see `Words`.
    """

    kind: Kind
    text: str
    written: str
    end: int
    spaced: bool = False


def without_prompts(text: str) -> str:
    r"""Drop the prompts of an interpreter and typographic quotes.

    >>> without_prompts(">>> x = (1 +\n... 2)")
    'x = (1 +\n2)'
    """
    text = _FENCE.sub("", text)
    if _PROMPT.search(text):
        text = _MORE.sub("", _PROMPT.sub("", text))
    return text.translate(QUOTES)


def lexemes(text: str) -> list[Lexeme]:
    """Cut code into pieces; comments are dropped, and every line begins with its indent.

    >>> [one.text for one in lexemes("k <- exp.(2f0 .* σ^2) # a comment")]
    ['', 'k', '=', 'exp', '(', '2e0', '*', 'sigma', '**', '2', ')', '']
    """
    return _Lexer(text).whole()


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.made: list[Lexeme] = []

    def whole(self) -> list[Lexeme]:
        self.newline()
        spaced = False
        while self.at < len(self.text):
            c = self.text[self.at]
            if c == "\n":
                self.at += 1
                self.newline()
            elif c in SPACES:
                self.at += 1
                spaced = True
                continue
            elif c == "#" or (self.begins_comment() and (c == "%" or self.text.startswith("//", self.at))):
                self.skip_line()
            else:
                self.piece(c, spaced)
            spaced = False
        self.add("newline", "", 0)
        return self.made

    def newline(self) -> None:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in SPACES and self.text[self.at] != "\n":
            self.at += 1
        self.add("newline", self.text[start : self.at].expandtabs(8), 0)

    def begins_comment(self) -> bool:
        """Whether a comment of MATLAB or C may begin here."""
        return self.made[-1].kind == "newline" or self.made[-1].text in (";", "...", "{", "}")

    def skip_line(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def piece(self, c: str, spaced: bool) -> None:
        last = self.made[-1]
        touches = not spaced and (last.kind == "name" or last.text in (")", "]"))
        string = _STRING.match(self.text, self.at)
        if string and (not string[1] or _PREFIX.fullmatch(string[1])) and not (c == "'" and touches):
            return self.string(string)
        number = _NUMBER.match(self.text, self.at)
        if number and not (c == "." and touches):
            return self.number(number, spaced)
        if letter(c):
            return self.name(spaced)
        if c == "." and (continued := _CONTINUED.match(self.text, self.at)):
            self.at = continued.end()
            return None
        if c == "\\":
            rest = self.text[self.at + 1 :].lstrip(" \t\r")
            if not rest or rest[0] == "\n":
                self.at = len(self.text) - len(rest) + (1 if rest else 0)
                return None
            raise RequestError(f"not part of a formula: {excerpt(self.text[self.at :])}")
        if c in SUPERSCRIPTS:
            return self.raised()
        return self.operator(c, spaced)

    def string(self, found: re.Match[str]) -> None:
        """Keep a string only if it may be a key; what is worked out while a program runs stays known as such."""
        quotes = 3 if found[2][:3] in ('"""', "'''") else 1
        inside = found[2][quotes:-quotes]
        text = repr(inside if _SIMPLE.fullmatch(inside) else "")
        self.add("string", ("f" if "f" in found[1].lower() else "") + text, len(found[0]))

    def number(self, found: re.Match[str], spaced: bool) -> None:
        if self.made[-1].text == ".":
            raise RequestError(f"not part of a formula: {excerpt('.' + self.text[self.at :])}")
        single = found[2] in ("f", "F") and "." not in found[1] and not _JULIA.search(self.text)
        if single or (found[0].endswith("L") and not _R.search(self.text)):  # 2f0 may be 2*f0
            raise RequestError(f"ambiguous: {excerpt(found[0])}; write the sign *, or the number without its letter")
        exponent = found[2] and not (found[2] in "fF" and found[3] in ("32", "64") and _RUST.search(self.text))
        text = found[1] + ("e" + found[3] if exponent else "")
        divides = self.made[-1].text in ("/", "**")
        typed = _TYPED.match(self.text, self.at + len(found[0]))
        if typed and not typed[0].startswith("_") and "." not in found[1]:
            typed = None  # 2f may be 2*f
        self.add("number", text, len(found[0]) + (len(typed[0]) if typed else 0), spaced)
        following = self.text[self.at : self.at + 1]
        if following and (letter(following) or following == "("):  # 2σ as Julia writes it
            if divides or text.endswith(".") or following == "_":
                raise RequestError(f"ambiguous: {excerpt(self.text[self.at - len(found[0]) :])}; write the sign *")
            self.add("mark", "*", 0)

    def name(self, spaced: bool) -> None:
        end = self.at
        while end < len(self.text) and (letter(self.text[end]) or self.text[end] in SUPERSCRIPTS | SUBSCRIPTS):
            end += 1
        written = self.text[self.at : end]
        if written in KEYWORDS and (written != "lambda" or _LAMBDA.match(self.text, self.at)):
            return self.add("keyword", written, len(written), spaced)
        word, exponent = spelled(written)
        self.add("name", word.spelling, len(written), spaced)
        return self.exponent(exponent) if exponent else None

    def raised(self) -> None:
        """Read the exponent after a parenthesis: (a + b)²."""
        end = self.at
        while end < len(self.text) and self.text[end] in SUPERSCRIPTS:
            end += 1
        run = "".join(SUPERSCRIPTS[c] for c in self.text[self.at : end])
        self.at = end
        self.exponent(run)

    def exponent(self, run: str) -> None:
        if not re.fullmatch("-?[0-9]+", run, re.ASCII):
            raise RequestError(f"not part of a formula: the exponent {run}; write **(...)")
        self.add("mark", "**", 0)
        if run[0] == "-":
            self.add("mark", "-", 0)
        self.add("number", run.lstrip("-"), 0)

    def operator(self, c: str, spaced: bool) -> None:
        for size in (3, 2, 1):
            written = self.text[self.at : self.at + size]
            if len(written) == size and written in OPERATORS:
                if self.made[-1].text == TRANSPOSE and written[0] == ".":
                    raise RequestError(f"ambiguous: a transpose before {written}; write a sum over the coordinates")
                return self.add("mark", OPERATORS[written], size, spaced)
        last = self.made[-1]
        following = self.text[self.at + 1 : self.at + 2]
        if c == "'" and not spaced and (last.kind == "name" or last.text == ")") and not (letter(following or "'")):
            self.add("mark", ".", 0)
            return self.add("name", TRANSPOSE, 1)
        if c == "." and following == "(" and last.kind == "name":  # exp.(x)
            self.at += 1
            return None
        if c == "@" and following == ".":  # @. of Julia
            self.at += 2
            return None
        if c == "$" and (last.kind == "name" or last.text in (")", "]")) and not spaced and letter(following):
            return self.add("mark", ".", 1)
        if c == "%" and re.match(r"%(?:pi|e)\b", self.text[self.at :]):
            self.at += 1
            return None
        if c in UNICODE:
            if UNICODE[c] == "(1/2)":
                for kind, text in (("mark", "("), ("number", "1"), ("mark", "/"), ("number", "2"), ("mark", ")")):
                    self.add("number" if kind == "number" else "mark", text, 0)
                self.at += 1
                return None
            return self.add("name" if c in "√∑" else "mark", UNICODE[c], 1, spaced)
        return self.add("mark" if c in SINGLE else "other", c, 1, spaced)

    def add(self, kind: Kind, text: str, length: int, spaced: bool = False) -> None:
        written = self.text[self.at : self.at + length]
        self.at += length
        self.made.append(Lexeme(kind, text, written, self.at, spaced))


def refuse(lexeme: Lexeme) -> RequestError:
    """Return the refusal of a piece that is no part of a formula.

    >>> refuse(Lexeme("other", "а", "а", 0))
    RequestError('not part of a formula: а, the character U+0430 CYRILLIC SMALL LETTER A')
    """
    c = lexeme.written[:1]
    named = "" if c.isascii() else f", the character {character(c)}"
    return RequestError(f"not part of a formula: {excerpt(lexeme.written)}{named}")
