"""Take a name apart: which power of what it is, whether its logarithm, and the words beside.

``log_sigma_sq_q`` is the logarithm of the variance of a law q; ``prior_outs_logvar``, ``z_mean``, ``muP`` are like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from kl_symbolic.families import Family, all_families
from kl_symbolic.families import Spelling as Words

# What two quantities make is none of them: var_ratio is no variance.
MADE_OF_SEVERAL = frozenset(
    "ratio diff difference delta sum total loss grad gradient max min eps clip prod kl kld".split()  # noqa: SIM905
)
SQUARES = frozenset({"sq", "squared", "square", "sqr"})
LOGARITHMS = frozenset({"log", "ln"})
INVERSES = frozenset({"inv", "inverse"})

CAPITAL_S = "capital-s"
LETTERS_OF_LAWS = frozenset("PQ")  # which are no p and q
OTHER = "other"  # beside what is of the other law, whatever it is called
MOST_LETTERS = 100  # of a name

_PIECE = re.compile("[a-z]+|[0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What may stand before a word and behind it; a letter for a law may touch it, others stand apart: qstd, but x_std.
# Of attributes the last one says it: self.mean, but not mean.shape.
_BEFORE = re.compile(r"((?:[a-z0-9]+[_.])*)([pqxyz])?((?:log|ln)_?|l)?((?:inv|inverse)_?)?")
_BEHIND = re.compile(r"(_?(?:sq|squared|square|sqr))?([0-9]+|[pqxy])?(_?(?:sq|squared|square|sqr))?((?:_[a-z0-9]+)*)")


class Spelled(NamedTuple):
    """What a name says by a `word`: a power of something, or its logarithm; and the words beside, in their order.

    `two` says that a 2 touches the word, and may number a law or be an exponent: ``sigma2``.
    """

    of: str
    power: int
    logarithm: bool = False
    softplus: bool = False
    beside: tuple[str, ...] = ()
    two: bool = False
    word: str = ""

    @property
    def squared(self) -> Spelled:
        """The same, with the 2 as an exponent."""
        beside = list(self.beside)
        beside.remove("2")
        return self._replace(power=2 * self.power, beside=tuple(beside), two=False)


def spelled(name: str, family: Family) -> tuple[Spelled, ...]:
    """Return what a name says of a parameter of a family; several where a word has several meanings.

    Examples
    --------
    >>> from kl_symbolic.families import find
    >>> normal = find("normal").family
    >>> [(one.of, one.power, one.logarithm, one.beside) for one in spelled("log_sigma_sq_q", normal)]
    [('spread', 2, True, ('q',))]
    >>> [(one.of, one.power, one.logarithm, one.beside) for one in spelled("z_mean", normal)]
    [('mean', 1, False, ('z',))]
    >>> [one.power for one in spelled("beta", find("exponential").family)], spelled("frequency", normal)
    ([1, -1], ())
    """
    return _spelled(name, family.name)


def says_parameter(name: str, families: Iterable[Family] | None = None) -> bool:
    """Whether a name says a parameter of one of the families; of any family, if none are given.

    >>> says_parameter("log_sigma_sq_q"), says_parameter("frequency")
    (True, False)
    """
    return any(spelled(name, family) for family in (all_families().values() if families is None else families))


@cache
def _spelled(name: str, family_name: str) -> tuple[Spelled, ...]:
    if name in LETTERS_OF_LAWS:
        return ()
    # A capital Sigma is a covariance matrix, and its diagonal has the variances; S is that or a standard deviation.
    text = re.sub(r"(?<![A-Za-z])Sigma(?![a-z])", "variance", name)
    text = re.sub(r"(?<![A-Za-z0-9])S(?![A-Za-z])", CAPITAL_S, text)
    text = re.sub(r"_*([_.])_*", r"\1", _CAMEL.sub("_", text).lower()).strip("_.")
    if len(text) > MOST_LETTERS:
        return ()
    return _found(text, _vocabulary(family_name))


def _found(text: str, vocabulary: tuple[tuple[Words, bool], ...]) -> tuple[Spelled, ...]:
    found: dict[Spelled, int] = {}
    for words, positive in vocabulary:
        for word in (*words.words, *words.softplus, *words.second):
            at = text.find(word)
            while at >= 0:
                one = _read(text[:at], words, word, text[at + len(word) :], positive=positive)
                if one is not None:
                    found.setdefault(one, len(word))
                at = text.find(word, at + 1)
    longest = max(found.values(), default=0)
    return tuple(one for one, length in found.items() if length == longest)


@cache
def _vocabulary(family_name: str) -> tuple[tuple[Words, bool], ...]:
    """Return the spellings of a family, each with whether it is positive; a parameter without any has its name."""
    family = all_families()[family_name]
    positive = {p.name for p in family.all_parameters if p.domain.positive}
    known = tuple((words, not positive.isdisjoint(words.words)) for words in family.spellings)
    bare = dict.fromkeys(
        p.name for p in family.all_parameters if not any(not one.beside for one in _found(p.name, known))
    )
    return *known, *((Words(name, 1, (name,)), name in positive) for name in bare)


def form(parameter: str, family: Family) -> Spelled:
    """Return what the name of a parameter of a family says.

    >>> from kl_symbolic.families import find
    >>> form("logvar", find("normal").family)[:3]
    ('spread', 2, True)
    """
    return next(one for one in spelled(parameter, family) if not one.beside)


def _read(before: str, words: Words, word: str, behind: str, *, positive: bool) -> Spelled | None:
    head, tail = _BEFORE.fullmatch(before), _BEHIND.fullmatch(behind)
    if head is None or tail is None:
        return None
    inverse = bool(head[4])
    squared = bool(tail[1] or tail[3])
    logarithm = bool(head[3])
    if word in words.second and (before or behind):  # it says which law it is of by itself alone
        return None
    beside = [OTHER] if word in words.second else []
    around = "_".join((head[1], head[2] or "", tail[2] or "", tail[4]))
    for piece in _PIECE.findall(around):
        if piece in LOGARITHMS:
            logarithm = True
        elif piece in SQUARES:
            squared = True
        elif piece in INVERSES:
            inverse = True
        elif piece in MADE_OF_SEVERAL:
            return None
        else:
            beside.append(piece)
    if logarithm and not positive:
        return None
    two = tail[2] == "2" and word in words.squared_by_two and not squared
    power = words.power * (2 if squared else 1) * (-1 if inverse else 1)
    return Spelled(words.of, power, logarithm, word in words.softplus, tuple(beside), two, word)
