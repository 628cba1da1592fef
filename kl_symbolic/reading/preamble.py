r"""What frames a formula and is no part of it: fonts, colours, boxes, environments, numbers of equations, units.

A page of LaTeX is full of these. They are dropped where they cannot change a value, and nothing else is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.alphabet import DECORATIONS, SPACES

ENVIRONMENTS = "align|aligned|alignat|alignedat|equation|split|gather|gathered|multline|displaymath|math|eqnarray"

MOST_BOXES = MOST_ENDS = 20
MOST_COLOURS = 100
OPENING, ENDING = ("", "+", "(", "[", "{", "=", "&"), ("", "+", "-", ")", "]", "}", "=", "&", ".", ",")
SEEN = 80  # characters at the end of a formula among which its number and its unit are looked for

_SCRIPTS = r"((?:\s*[_^]\s*(?:\{[^{}]*\}|\\?[A-Za-z]+|[0-9]))*)"
_BOLD = r"\\(?:mathbf|boldsymbol|bm|bold|pmb|mathbfit|symbf)(?![A-Za-z])"
_FONTS = r"\\(?:mathrm|mathit|mathsf|mathnormal|text|textrm|textit|textsf|mathop|operatorname\*?)(?![A-Za-z])"
_BOLD_SIGMA = re.compile(_BOLD + r"\s*(?:\{\s*\\Sigma(?![A-Za-z])" + _SCRIPTS + r"\s*\}|\\Sigma(?![A-Za-z]))")
_WORD = re.compile(rf"(?:{_BOLD}|{_FONTS}|\\textbf)\s*\{{\s*(\\?[A-Za-z]+|(?:[A-Za-z]\s+)+[A-Za-z]){_SCRIPTS}\s*\}}")
_OLD = re.compile(r"\{\s*\\(?:rm|bf|it|sf)(?![A-Za-z])\s*(\\?[A-Za-z]+)\s*\}")
_FONT = re.compile(rf"{_BOLD}|\\(?:mathrm|mathit|mathsf|mathnormal|rm|bf|it|sf)(?![A-Za-z])")
_OVER = "|".join(map(re.escape, sorted(DECORATIONS)))
_DECORATED = re.compile(rf"((?:{_OVER})(?![A-Za-z])\s*)\{{\s*(\\?[A-Za-z]+){_SCRIPTS}\s*\}}")
_LABEL = re.compile(
    r"\\(?:label|tag)\*?\s*\{[^{}]*\}|\\(?:begin|end)\s*\{(?:" + ENVIRONMENTS + r")\*?\}(?:\{[0-9]*\})?"
    r"|\\phantom\s*\{[^{}]*\}|\\[hv]space\*?\s*\{[^{}]*\}"
)
# Nothing in braces, as printers put it beside a sign at the edge of a line: it is an argument of no command there.
_NOTHING = re.compile(r"(^|[=&+\-(),]|\\\\|\\q?quad(?![A-Za-z])|\\[,;:!])(\s*)\{\s*\}")
_COLOUR = re.compile(r"\\(?:text)?color\s*\{[^{}]*\}\s*(\{)?")
_VECTOR = re.compile(r"\\(begin|end)\{[pb]?matrix\}")
_BREAK = re.compile(r"\\\\(?:\s*\[[0-9.]*[a-z]*\])?")
_EQUALS = re.compile(r"\\(?:overset|stackrel)\s*\{[^{}=]*\}\s*\{\s*=\s*\}|\\(?:coloneqq|triangleq)(?![A-Za-z])|≜|≔")
_BOX = re.compile(r"\\(?:boxed|fbox)\s*\{")
_NUMBER = r"\(\s*[0-9]+(?:\.[0-9]+)*[a-z]?\s*\)"
_GAP = r"(?:\\q?quad(?![A-Za-z])|\t|[ \u00a0]{4}|\u2003)"
_NUMBER_BEFORE = re.compile(rf"\s*{_NUMBER}\s*\\q?quad(?![A-Za-z])")
_NUMBER_BEHIND = re.compile(rf"\s*{_GAP}\s*({_NUMBER})\s*$")
_ONES = re.compile(
    rf"(?:{_BOLD}|\\mathbb|\\mathds)\s*(?:1|\{{\s*1\s*\}})\s*(?:_\s*(?:\{{\s*[A-Za-z]\s*\}}|[A-Za-z]))?\s*\^\s*"
    r"(?:\{\s*(?:\\top|\\intercal|T|\\(?:mathsf|mathrm)\s*\{?\s*T\s*\}?)\s*\}|\\top|\\intercal|T)(?![A-Za-z])"
)
_PRIME = re.compile(r"\^\s*(?:\{\s*(?:\\prime\s*)+\}|\\prime(?![A-Za-z]))|\^\s*\{\s*\\prime\s+([0-9])\s*\}")
_BRACE = re.compile(r"\\(?:under|over)brace\s*(?=\{)")
_CONDITION = re.compile(
    r"[,;]\s*(?:\\[,;: ]|\\q?quad(?![A-Za-z])|\s|\\text\s*\{\s*(?:where|with|for|if)\s*\}|(?:where|with|for|if)\s)*"
    r"((?:(?:\\(?:sigma|lambda|tau|beta|alpha|nu|theta|rate)|[σλτsv])(?:_(?:\{[^{}]*\}|\w)|[₀-₉'])*[\s,]*)+"
    r"(?:>|\\gt(?![A-Za-z]))\s*0)$"
)
_NATS = r"(?:in\s+)?nats?"
_UNIT = re.compile(
    rf"(?:\\[,;: ]|\\q?quad|\s)*(?:\\text\s*\{{\s*[(\[]?\s*{_NATS}\s*[)\]]?\.?\s*\}}|[(\[]\s*{_NATS}\s*[)\]]"
    rf"|(?<![A-Za-z0-9_\\]){_NATS})$"
)
_SPACE = re.compile(r"(?:\\(?:[,;:! ]|q?quad|$)|\s)+$")
_END = re.compile(r"(?:\\[,;: ]|\\q?quad|\s)*(?:\\(?:square|blacksquare|Box|qed|blacksquare|qedsymbol)|[□■∎])$")


def without_frames(text: str) -> str:
    r"""Drop dollars, environments, labels, boxes and fonts; the rows of a column vector become entries with commas.

    >>> without_frames(r"\boxed{\color{blue}{\mathbf{s}_1} = \mathrm{tr}(x)}").split()
    ['{', 's', '_1}', '=', 'tr', '(x)']
    """
    text = re.sub(r"\\[\[\]()]|\$|~|(?<!\\)%[^\n]*", " ", _BREAK.sub(r"\\\\ ", text))
    if number := _NUMBER_BEFORE.match(text):
        text = text[number.end() :]
    text = _PRIME.sub(_primes, _ONES.sub(r"\\sum ", text))
    text = _uncoloured(_unbraced(_unboxed(_LABEL.sub(" ", _EQUALS.sub("=", _NOTHING.sub(r"\1 ", text))))))
    text = _BOLD_SIGMA.sub(lambda found: rf" \varSigma {found[1] or ''}", text)
    text = _WORD.sub(lambda found: f" {''.join(found[1].split())} {found[2]}", text)
    text = _OLD.sub(r" \1 ", text)
    text = _DECORATED.sub(r"\1{\2}\3", _FONT.sub(" ", text))
    return "".join(_rows(text))


def without_end(side: str, tex: bool) -> tuple[str, list[str]]:
    r"""Drop what follows a formula: its number, nats, a sign of the end, punctuation; and say what was dropped.

    >>> without_end(r"x + 1 \quad (12).", tex=True)
    ('x + 1', ['(12) is taken for the number of the equation'])
    """
    notes: list[str] = []
    for _ in range(MOST_ENDS):
        side = side.rstrip(SPACES + ",;" if tex else SPACES + ";")
        if side.endswith(".") and (tex or not side[-2:-1].isdigit()):
            side = side[:-1]
        elif found := _CONDITION.search(side[-SEEN:]):
            notes.append(f"the condition {' '.join(found[1].split())} is left out")
            side = side[: -len(found[0])]
        elif found := _NUMBER_BEHIND.search(side[-SEEN:]):
            notes.append(f"{found[1]} is taken for the number of the equation")
            side = side[: -len(found[0])]
        elif found := _UNIT.search(side[-SEEN:]) or _END.search(side[-SEEN:]) or _SPACE.search(side[-SEEN:]):
            side = side[: -len(found[0])]
        else:
            break
    return side, notes


def _unboxed(text: str) -> str:
    r"""Put the braces of ``\boxed{...}`` in its place, or nothing where it holds the whole equation."""
    for _ in range(MOST_BOXES):
        found = _BOX.search(text)
        if found is None:
            return text
        end, outer = _closing(text, found.end())
        if not end:
            raise RequestError("not a formula: the brace of \\boxed is not closed")
        alone = not (text[: found.start()] + text[end + 1 :]).strip(SPACES + ".,;")
        inner = text[found.end() : end]
        text = text[: found.start()] + (inner if "=" in outer and alone else f"{{{inner}}}") + text[end + 1 :]
    raise RequestError(f"not a formula: more than {MOST_BOXES} boxes")


def _unbraced(text: str) -> str:
    r"""Drop ``\underbrace`` with its label; what is braced is grouped, and must be no factor if it is a sum."""
    for _ in range(MOST_BOXES):
        found = _BRACE.search(text)
        if found is None:
            return text
        end, outer = _closing(text, found.end() + 1)
        if not end:
            raise RequestError("not a formula: the brace of \\underbrace is not closed")
        rest = text[end + 1 :].lstrip()
        if rest[:1] in ("_", "^") and rest[1:].lstrip()[:1] == "{":
            label = rest.index("{") + 1
            close, _ = _closing(rest, label)
            rest = rest[close + 1 :] if close else rest
        before = text[: found.start()].rstrip()[-1:]
        if set("+-") & set(outer.strip()[1:]) and not (before in OPENING and rest.lstrip()[:1] in ENDING):
            raise RequestError("ambiguous: an underbrace groups a sum beside a factor; write parentheses")
        text = f"{text[: found.start()]} {text[found.end() : end + 1]} {rest}"
    raise RequestError(f"not a formula: more than {MOST_BOXES} braces with labels")


def _primes(found: re.Match[str]) -> str:
    return "'" * found[0].count("p") + (f"^{found[1]}" if found[1] else "")


def _uncoloured(text: str) -> str:
    r"""Drop colours; the braces of a coloured sum print nothing, so that it must be no factor and no base."""
    for _ in range(MOST_COLOURS):
        found = _COLOUR.search(text)
        if found is None:
            return text
        if found[1]:
            end, outer = _closing(text, found.end())
            before, after = text[: found.start()].rstrip()[-1:], text[end + 1 :].lstrip()[:1]
            if set("+-") & set(outer.strip()[1:]) and not (before in OPENING and after in ENDING):
                raise RequestError("ambiguous: the braces of a coloured sum print nothing; write parentheses")
        text = f"{text[: found.start()]} {found[1] or ''}{text[found.end() :]}"
    raise RequestError(f"not a formula: more than {MOST_COLOURS} colours")


def _closing(text: str, start: int) -> tuple[int, str]:
    """Return where the braces close that opened before `start`, or 0, and what is in them but in no others."""
    depth, outer = 1, list[str]()
    for at in range(start, len(text)):
        depth += (text[at] in "{([") - (text[at] in "})]")
        if depth <= 0:
            return at, "".join(outer)
        if depth == 1:
            outer.append(text[at])
    return 0, ""


def _rows(text: str) -> Iterator[str]:
    depth, last = 0, 0
    for mark in re.finditer(_VECTOR.pattern + r"|\\\\|&", text):
        yield text[last : mark.start()]
        last = mark.end()
        if mark[1]:
            depth += 1 if mark[1] == "begin" else -1
            yield "(" if mark[1] == "begin" else ")"
        else:
            yield ", " if depth > 0 and mark[0] != "&" else " "
    yield text[last:]
