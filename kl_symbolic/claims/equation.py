r"""The sides of an equation as people write it: ``D_KL(P || Q) = a = b``.

What stands first and is no formula may be a name of the quantity, or its definition as an integral. Every other side is
a formula that somebody claims, and none is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sympy import Basic, Expr, Integer

from kl_symbolic import render
from kl_symbolic.arguments import checked
from kl_symbolic.claims.numbers import components
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import CrossEntropy, Entropy, Vector
from kl_symbolic.proof.parameters import free_laws
from kl_symbolic.proof.statement import laws, left_side
from kl_symbolic.reading.arithmetic import multiply
from kl_symbolic.reading.formula import Reading, parsed, read_together
from kl_symbolic.reading.spelling import spelled
from kl_symbolic.reading.syntax import Name, Node, walk
from kl_symbolic.reading.tokens import SPACES, excerpt, plain
from kl_symbolic.render.printer import Printer

MOST_SIDES = 20
REVERSED = dict(zip("12pPqQ", "21qQpP", strict=True))  # each index and that of the other law
_SIGN = re.compile(r"\s*[-−–]\s*")
_LAYOUT = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?(?![a-zA-Z])|[,;:! ]|quad\b)")
# A name: letters with scripts, and perhaps what it is of in brackets. Whatever else stands there may change the value.
_LETTERS = r"(?:\\math(?:cal|bb|frak|scr)\s*\{?\s*[A-Za-z]\s*\}?|\\?[A-Za-z]+)"
_SCRIPT = r"\s*(?:_\s*(?:\{[^{}]*\}|\w+)|\^\s*(?:\{\s*[A-Za-z]+\s*\}|[A-Za-z]+|\*))"
_NAME = re.compile(rf"({_LETTERS})(?:{_SCRIPT})*\s*(?:\((.*)\)|\[(.*)\]|\\\{{(.*)\\\}})?", re.DOTALL)
_ARGUMENT = re.compile(
    r"[^|‖∥,;]*[A-Za-zα-ωΑ-Ω][^|‖∥,;]*(?:\\?\|+|‖|∥|,|;|\\mid|\\parallel).*|\s*\\?[A-Za-zα-ω]\w*\s*", re.DOTALL
)
_NO_NAMES = frozenset("log ln exp sqrt frac dfrac tfrac cfrac sum prod int min max abs half lim over sup inf".split())  # noqa: SIM905
_PHRASE = re.compile(
    r"(?:(?:the|of|kl|kullback|leibler|kullback-leibler|divergence|distance|loss|term|relative|cross|cross-entropy"
    r"|differential|entropy|information|gain)\s*)+",
    re.IGNORECASE,
)
_BAR = re.compile(r"\|\s*\||\\\||‖|∥|\\[lr]?Vert\b|\\parallel\b|\\mid\s*\\mid\b")  # between the laws
_EXPONENT = re.compile(r"\^\s*(?:\{[^{}]*\}|\w)")
_INDEX = re.compile(rf"(?<![A-Za-z])[{''.join(REVERSED)}](?![A-Za-z0-9])")
# The definition of the divergence, in the usual letters.
_DEFINITION = re.compile(
    r"(?:\\mathbb\{?E\}?|E)(?:_(?:\{[^{}]*\}|\w+))?[\[(]\\?(?:log|ln)([pq])(\([xz]\))?-\\?(?:log|ln)(?!\1)[pq]\2?[\])]"
    r"|(?:\\int|∫)(?:_(?:\{[^{}]*\}|.)(?:\^(?:\{[^{}]*\}|\\?\w+))?)?([pq])(\([xz]\))?\\?(?:log|ln)"
    r"(?:\(?\\[dt]?frac\{\3\4?\}\{(?!\3)[pq]\4?\}\)?|\(\3\4?/(?!\3)[pq]\4?\))d[xz]"
)


@dataclass(frozen=True)
class Side:
    """One side: as written, which one it is, counted from 1, and what it says, or why it is not read."""

    written: str
    place: int
    reading: Reading | None
    refusal: str = ""


@dataclass(frozen=True)
class Equation:
    """The sides that claim something, how many there are with the names, and what was done to read them."""

    sides: tuple[Side, ...]
    count: int
    notes: tuple[str, ...] = ()


def read_equation(text: str | Basic, claim: Claim, symbols: Mapping[str, str] | None = None) -> Equation:
    """Read every side of an equation, or a formula alone.

    Parameters
    ----------
    text, claim, symbols
        As for `kl_symbolic.claims.read`.

    Raises
    ------
    RequestError
        If the only side is no formula, or what stands on the left is more than a name: ``2 KL = ...``.

    Examples
    --------
    >>> found = read_equation("-H(P) = -log(sigma) = 1 - log(sigma)", Claim("entropy", "normal"))
    >>> [(side.place, side.reading.expr) for side in found.sides]
    [(2, -(-1)*Log(sigma)), (3, -(1 - Log(sigma)))]
    >>> found.notes
    ('the minus sign before H(P) is moved to the other sides',)
    """
    return read_parts(parts_of(text), claim, symbols)


@dataclass(frozen=True)
class Part:
    """What stands between two signs of equality: as written, and its tree, or why it has none."""

    written: str
    node: Node | None
    refusal: str = ""


def parts_of(text: str | Basic) -> tuple[Part, ...]:
    """Cut an equation, or a formula alone, into its sides.

    Raises
    ------
    RequestError
        If it has too many sides, or holds what is no formula at all.

    Examples
    --------
    >>> [part.written for part in parts_of("KL = a = b")]
    ['KL ', ' a ', ' b']
    """
    if not isinstance(text, str):
        return (Part("", parsed(text)),)
    whole, tex = plain(text)
    written = tuple(islice(_split(whole), MOST_SIDES + 1))
    if len(written) > MOST_SIDES:
        raise RequestError(f"not read: an equation of more than {MOST_SIDES} sides")
    return tuple(_part(side, tex) for side in written)


def _part(written: str, tex: bool) -> Part:
    try:
        return Part(written, parsed(written, tex))
    except RequestError as refusal:
        return Part(written, None, str(refusal))


def read_parts(parts: Sequence[Part], claim: Claim, symbols: Mapping[str, str] | None = None) -> Equation:
    """Read the sides of an equation in the parameters of a claim; those on the left may be names.

    Raises
    ------
    RequestError
        As `read_equation`.
    """
    notes: list[str] = []
    minus, first = False, 0
    exchanged: frozenset[str] = frozenset()
    for part in parts[:-1]:
        sign = _SIGN.match(part.written)
        name = part.written[sign.end() :] if sign else part.written
        if not _is_name(name, claim) or (part.node is not None and _has_parameter(part.node, claim)):
            break
        if sign and first:
            raise RequestError(f"not read: a minus sign before {excerpt(name)}, which is not on the left")
        if sign:
            minus = True
            notes.append(f"the minus sign before {excerpt(name)} is moved to the other sides")
        if len(free_laws(claim)) > 1 and (order := _exchanged(name)):
            exchanged = order
            notes.append(f"P and Q are in the order of the left side, {excerpt(name)}")
        first += 1
    claimed = parts[first:]
    found = iter(read_together([part.node for part in claimed if part.node is not None], claim, symbols, exchanged))
    sides = []
    for place, part in enumerate(claimed, start=first + 1):
        read = RequestError(part.refusal) if part.node is None else next(found)
        reading, refusal = (None, str(read)) if isinstance(read, RequestError) else (read, "")
        sides.append(Side(excerpt(part.written), place, reading, refusal))
    if sides[0].reading is None and first == 0 and len(parts) > 1:
        raise RequestError(
            f"not read: the left-hand side {sides[0].written} is no formula, and more than a name; move all but the "
            "name to the right"
        )
    if not any(side.reading for side in sides):
        raise RequestError(sides[-1].refusal)
    notes += [note for side in sides if side.reading for note in side.reading.notes]
    return Equation(tuple(map(_negated, sides)) if minus else tuple(sides), len(parts), tuple(dict.fromkeys(notes)))


def _has_parameter(node: Node, claim: Claim) -> bool:
    families = [member.family for member in free_laws(claim).values()]
    names = [part.spelling for part in walk(node) if isinstance(part, Name)]
    return any(spelled(name, family) for name in names for family in families)


@checked
def read(text: str | Basic, claim: Claim, symbols: Mapping[str, str] | None = None) -> Reading:
    r"""Read a formula in the parameters of a claim, and say what its names were taken for.

    Parameters
    ----------
    text
        Text, LaTeX or a SymPy expression, see `kl_symbolic.reading.formula`; for a gradient as many formulas, with
        commas between or in a column vector. Of an equation, its last side.
    claim
        Whose parameters the names stand for.
    symbols
        Names of one's own: ``{"m": "mu_1"}``.

    Raises
    ------
    RequestError
        If it is anything else, too large, or has two meanings.

    Examples
    --------
    >>> read(r"\ln s + \tfrac12", Claim("entropy", "normal"))
    Reading(expr=Log(sigma) + 1/2, inferred=(('s', 'sigma'),))
    """
    last = read_equation(text, claim, symbols).sides[-1]
    if last.reading is None:
        raise RequestError(last.refusal)
    return last.reading


@checked
def formula(text: str | Basic, claim: Claim, symbols: Mapping[str, str] | None = None) -> Expr:
    """Read a formula in the parameters of a claim: the expression of `read`.

    Examples
    --------
    >>> formula("log(sigma) + 0.5", Claim("entropy", "normal"))
    Log(sigma) + 1/2
    """
    return read(text, claim, symbols).expr


def _negated(side: Side) -> Side:
    if side.reading is None:
        return side
    parts = [multiply((Integer(-1), one)) for one in components(side.reading.expr)]
    whole = Vector(*parts) if isinstance(side.reading.expr, Vector) else parts[0]
    return replace(side, reading=replace(side.reading, expr=whole))


def _split(text: str) -> Iterator[str]:
    """Yield what stands between the signs of equality that are in no brackets."""
    depth, last = 0, 0
    for at, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == "=" and depth <= 0:
            before = text[last:at].rstrip(SPACES)
            relation = re.search(r"(?:[<>!~=]|\\not)$", before)
            if relation or text[at + 1 : at + 2] == "=":
                words = f"{relation[0] if relation else ''}="
                raise RequestError(f"not a formula: {words} is no sign of equality")
            yield before.removesuffix(":")
            last = at + 1
    yield text[last:]


def _is_name(side: str, claim: Claim) -> bool:
    """Whether a side is a name of the quantity, or its definition: then nothing is lost when it is passed over."""
    text = _LAYOUT.sub(" ", side).strip(SPACES)
    squeezed = _squeezed(text)
    if not text or _PHRASE.fullmatch(text) or squeezed in _own_left_sides(claim):
        return True
    if claim.quantity == "kl" and _DEFINITION.fullmatch(squeezed):
        return True
    found = _NAME.fullmatch(text)
    if found is None or found[1].removeprefix("\\") in _NO_NAMES:
        return False
    of = next((group for group in found.groups()[1:] if group is not None), None)
    return of is None or (_is_balanced(of) and _ARGUMENT.fullmatch(of) is not None)


def _exchanged(left: str) -> frozenset[str]:
    r"""Return the indices that stand for the other law after a left side that names the laws in that order.

    >>> sorted(_exchanged(r"KL(N(\mu_2, \sigma_2) || N(\mu_1, \sigma_1))")), sorted(_exchanged("KL(p || q)"))
    (['1', '2'], [])
    """
    parts = _BAR.split(_EXPONENT.sub("", left), maxsplit=1)
    if len(parts) == 1:
        return frozenset()
    first, second = ({index.lower() for index in _INDEX.findall(part)} for part in parts)
    found = [i for i in ("2", "q") if i in first - second and REVERSED[i] in second - first]
    return frozenset(case for i in found for one in (i, REVERSED[i]) for case in (one, one.upper()))


def _is_balanced(text: str) -> bool:
    depth = 0
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        if depth < 0:
            return False
    return depth == 0


def _own_left_sides(claim: Claim) -> set[str]:
    """Return what we print on the left: an asymmetry is a difference, bits are a multiple; and H(P, Q) - H(P)."""
    pair = laws(claim)
    lefts: list[Expr] = [left_side(claim)]
    if claim.quantity == "kl" and pair.q is not None:
        lefts.append(CrossEntropy(pair.p, pair.q) - Entropy(pair.p))
    written = (
        Printer(render.Notation(indices, name), pair).expression(left)
        for indices in ("12", "pq")
        for name in ("log", "ln")
        for left in lefts
    )
    return {_squeezed(text) for layout in written for text in (render.text(layout), plain(render.latex(layout))[0])}


def _squeezed(text: str) -> str:
    return "".join(_LAYOUT.sub("", text).split())
