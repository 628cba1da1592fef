r"""What stands on the left of a formula: names of the quantity, its definition, the laws in their order, labels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kl_symbolic import render
from kl_symbolic.divergences import all_quantities, find_quantity
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import LANGUAGE, laws, left_side
from kl_symbolic.reading.alphabet import GREEK, SPACES, SUBSCRIPTS, SUPERSCRIPTS, plain_letters
from kl_symbolic.reading.designations import STATEMENTS
from kl_symbolic.reading.places import FIRST, PAIRS, SECOND
from kl_symbolic.reading.syntax import FUNCTIONS
from kl_symbolic.reading.tokens import plain
from kl_symbolic.render.printer import Printer

_LAYOUT = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?(?![a-zA-Z])|[,;:! ]|quad\b)")
# A name: letters with scripts, and perhaps what it is of in brackets. Whatever else stands there may change the value.
_LETTERS = r"(?:\\math(?:cal|bb|frak|scr)\s*(?:\{\s*[A-Za-z]+\s*\}|[A-Za-z])|\\?[A-Za-z]+)"
_SUB = r"\s*_\s*(?:\{[^{}]*\}|[A-Za-z0-9α-ωΑ-Ω]+)"
_SCRIPT = rf"(?:{_SUB}|\s*\^\s*(?:\{{\s*[A-Za-z]+\s*\}}|[A-Za-z]+|\*))"
_NAME = re.compile(rf"({_LETTERS}){_SCRIPT}*\s*(?:\((.*)\)|\[(.*)\]|\\\{{(.*)\\\}})?(?:(?<=[)\]}}]){_SUB})?", re.DOTALL)
# What it is of: laws or variables, of which the first holds a letter.
_ARGUMENT = re.compile(
    r"(?=[^|‖∥,;]*[A-Za-zα-ωΑ-Ω])[^|‖∥,;]*(?:\\?\|+|‖|∥|,|;|\\mid|\\[lr]?[vV]ert|\\parallel).*|\s*\\?[A-Za-zα-ω]\w*\s*",
    re.DOTALL,
)
_NO_NAMES = frozenset(FUNCTIONS) | frozenset(
    "frac dfrac tfrac cfrac sum prod int min max half lim over sup inf".split()  # noqa: SIM905
)
# Words beside those for a quantity, which name nothing else.
_BESIDE = frozenset("the of divergence distance loss term differential information gain".split())  # noqa: SIM905
_BAR = re.compile(r"\|\s*\||\\\||‖|∥|\\[lr]?Vert\b|\\parallel\b|\\mid\s*\\mid\b")  # between the laws
_EXPONENT = re.compile(rf"\^\s*(?:\{{[^{{}}]*\}}|\w)|[{''.join(SUPERSCRIPTS)}]+")
_SUBSCRIPTS = re.compile(f"[{''.join(SUBSCRIPTS)}]+")
_MARK = re.compile(r"[A-Za-z]+|(?:(?<=[A-Za-zα-ω_])|(?<=_\{))[0-9](?![A-Za-z0-9])")  # letters, words, indices
# The laws as indices: KL_{21}, kl_qp, KL(2||1).
_ORDER = re.compile(r"[A-Za-z_{}]*?(?:_\{?|\(|\[)([0-9a-z])(?:[,_|]|\|\||‖)?([0-9a-z])[})\]]*", re.IGNORECASE)
_NUMBERED = re.compile(r"\s*[0-9]\s*(?:\|\s*\||‖|∥|\\\||\\parallel)\s*[0-9]\s*")
_TEXT = re.compile(r"\\text\s*\{([^{}]*)\}")
# Words before a colon, but for those that may change the value.
_KNOWN = re.compile(r"kullback-leibler|cross-entropy|closed-form", re.IGNORECASE)
_WORD = r"(?:(?:exercise|problem|question|eq\.|equation|part|step|case)\s+[0-9.]+[a-z]?|[a-z]+)"
_LABEL = re.compile(rf"{_WORD}(?:[ ,]+{_WORD})*", re.IGNORECASE)
_NO_LABELS = (
    STATEMENTS
    | _NO_NAMES
    | frozenset(
        "lambda minus negative half third quarter twice double times bits plus without inverse reciprocal reverse "  # noqa: SIM905
        "reversed backward opposite swapped squared square root per average mean total ratio difference wrong "
        "incorrect scaled weighted over normalized normalised rate std var sigma mu".split()
    )
)
LONGEST_LABEL = 80
SEEN = 8  # characters before a sign of equality
# The definition of the divergence, in the usual letters.
_DEFINITION = re.compile(
    r"(?:\\mathbb\{?E\}?|E)(?:_(?:\{[^{}]*\}|\w+))?[\[(]\\?(?:log|ln)([pq])(\([xz]\))?-\\?(?:log|ln)(?!\1)[pq]\2?[\])]"
    r"|(?:\\int|∫)(?:_(?:\{[^{}]*\}|.)(?:\^(?:\{[^{}]*\}|\\?\w+))?)?([pq])(\([xz]\))?\\?(?:log|ln)"
    r"(?:\(?\\[dt]?frac\{\3\4?\}\{(?!\3)[pq]\4?\}\)?|\(\3\4?/(?!\3)[pq]\4?\))d[xz]"
)


def split(text: str) -> Iterator[str]:
    """Yield what stands between the signs of equality that are in no brackets, and a label before a colon."""
    depth, last = 0, 0
    for at, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == ":" and depth <= 0 and last == 0 and _is_label(text[: at + 1], text[at + 1 :]):
            yield text[: at + 1]
            last = at + 1
        if c == "=" and depth <= 0:
            before = text[last:at].rstrip(SPACES)
            relation = re.search(r"(?:[<>!~=]|\\not)$", before[-SEEN:])
            if relation or text[at + 1 : at + 2] == "=":
                words = f"{relation[0] if relation else ''}="
                raise RequestError(f"not a formula: {words} is no sign of equality")
            yield before if _is_words(before[:-1]) else before.removesuffix(":")
            last = at + 1
    yield text[last:]


def is_name(side: str, question: Question) -> bool:
    """Whether a side is a name of the quantity, or its definition: then nothing is lost when it is passed over."""
    text = _plain(side).removesuffix(":")
    squeezed = _squeezed(side)
    if not text or _is_phrase(text) or squeezed in _own_left_sides(question):
        return True
    if find_quantity(question.quantity).is_divergence and _DEFINITION.fullmatch(squeezed):
        return True
    if side.endswith(":") and _is_words(text):
        return True
    found = _NAME.fullmatch(text)
    if found is None or found[1].removeprefix("\\") in _NO_NAMES:
        return False
    of = next((group for group in found.groups()[1:] if group is not None), None)
    known = of is not None and (_ARGUMENT.fullmatch(of) or _NUMBERED.fullmatch(of))
    return of is None or (_is_balanced(of) and bool(known))


def _is_phrase(text: str) -> bool:
    """Whether a side consists of words for quantities: the Kullback-Leibler divergence."""
    spelled = {
        word for quantity in all_quantities().values() for phrase in quantity.spellings for word in phrase.split()
    }
    words = re.sub(r"(?<=\w)-(?=\w)", " ", text).lower().split()
    return bool(words) and all(word in spelled | _BESIDE for word in words)


def is_ours(side: str, question: Question) -> bool:
    """Whether a side is what we print on the left of the statement of a question."""
    return _squeezed(side) in _own_left_sides(question)


def exchanged_by(left: str) -> frozenset[str]:
    r"""Return the indices that stand for the other law after a left side that names the laws in that order.

    >>> sorted(exchanged_by(r"KL(N(\mu_2, \sigma_2) || N(\mu_1, \sigma_1))")), sorted(exchanged_by("KL(p || q)"))
    (['1', '2'], [])
    >>> sorted(exchanged_by("KL_{21}")), sorted(exchanged_by("kl_qp")), sorted(exchanged_by("KL(2 || 1)"))
    (['1', '2'], ['p', 'q'], ['1', '2'])
    """
    text = "".join(_EXPONENT.sub("", _plain(left)).split())
    parts = _BAR.split(text, maxsplit=1)
    if len(parts) == 1:
        parts = _in_two(text)
    marks = [{mark.lower() for mark in _MARK.findall(part)} for part in parts]
    indices = _ORDER.fullmatch(text)
    if indices:
        marks = [{indices[1].lower()}, {indices[2].lower()}]
    first, second = marks[0] - marks[1], marks[1] - marks[0]
    found = {mark for pair in PAIRS if pair[1] in first and pair[0] in second for mark in pair}
    for word in ({*SECOND} & first | {*FIRST} & second) - found:
        raise RequestError(
            f"not read: {word} stands for the other law on the left side; say it: --symbols NAME=PARAMETER"
        )
    return frozenset(found)


def _in_two(text: str) -> list[str]:
    """Return the two laws in brackets with one comma or bar between them."""
    inner = re.search(r"[(\[](.*)[)\]]", text, re.DOTALL)
    parts, depth = [""], 0
    for c in inner[1] if inner else "":
        depth += (c in "([{") - (c in ")]}")
        if c in ",;|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return parts if len(parts) == 2 else ["", ""]  # noqa: PLR2004


def _plain(side: str) -> str:
    """Return a side without what only moves or sizes things, its letters and indices as plain ones."""
    text = _SUBSCRIPTS.sub(lambda run: "_" + "".join(SUBSCRIPTS[c] for c in run[0]), plain_letters(side))
    return _TEXT.sub(r"\1", _LAYOUT.sub(" ", text)).strip(SPACES)


def _is_label(label: str, rest: str) -> bool:
    """Whether what ends with a colon is words or a name, and a formula follows."""
    text = label[:-1]
    if len(label) > LONGEST_LABEL or text[-1:].isspace() or not rest[:1].isspace() or rest.lstrip().startswith("="):
        return False
    found = _NAME.fullmatch(_plain(text))
    return _is_words(text) or (found is not None and found[1].removeprefix("\\") not in _NO_LABELS)


def _is_words(text: str) -> bool:
    """Whether a label is words, of which none may change the value of what follows."""
    plain_text = _KNOWN.sub("divergence", text.strip())
    if len(plain_text) > LONGEST_LABEL:
        return False
    words = plain_text.lower().replace(",", " ").split()
    return (
        _LABEL.fullmatch(plain_text) is not None
        and max(map(len, words)) > 1
        and not _NO_LABELS & set(words)
        and not set(words) & set(GREEK.values())
    )


def _is_balanced(text: str) -> bool:
    depth = 0
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        if depth < 0:
            return False
    return depth == 0


def _own_left_sides(question: Question) -> set[str]:
    """Return what we print on the left: an asymmetry is a difference, bits are a multiple; and H(P, Q) - H(P)."""
    pair = laws(question)
    also = find_quantity(question.quantity).also
    lefts = [left_side(question), *(formula(LANGUAGE, *filter(None, pair[:2])) for formula in also)]
    written = (
        Printer(render.Notation(indices, name), pair).expression(left)
        for indices in ("12", "pq")
        for name in ("log", "ln")
        for left in lefts
    )
    return {_squeezed(text) for layout in written for text in (render.text(layout), plain(render.latex(layout))[0])}


def _squeezed(text: str) -> str:
    return "".join(_LAYOUT.sub("", text).split())
