"""What a left side says of the quantity and its laws: it must be what is asked for, or the formula is another one's."""

from __future__ import annotations

import re

from kl_symbolic.divergences import DEFAULT_QUANTITY, Quantity, all_quantities, find_quantity
from kl_symbolic.divergences.others import OTHER_LETTERS, OTHER_WORDS
from kl_symbolic.errors import RequestError
from kl_symbolic.families import all_families, find
from kl_symbolic.proof.parameters import free_laws
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import made_of
from kl_symbolic.reading.alphabet import SUPERSCRIPTS, plain_letters
from kl_symbolic.reading.places import SECOND
from kl_symbolic.reading.spelling import says_parameter, spelled
from kl_symbolic.reading.tokens import excerpt

NEGATIVE = frozenset({"neg", "negative", "minus"})
MULTIPLES = frozenset(
    "two double twice three triple ten half third quarter hundred thousand inverse reciprocal".split()  # noqa: SIM905
)
STANDARD = re.compile(r"0,(?:1|I|\{?\\?mathbf\{?I\}?\}?|\\?bm\{?I\}?|eye.*|I_.*|1\^2|\\mathbbm?\{?[1I]\}?)")

_LETTER = re.compile(r"([A-Za-z])(?:_\w+|_\{[^{}]*\})?[(\[]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LAWS = [word.capitalize() for family in all_families().values() for word in (family.name, *family.aliases)]
_LAW = re.compile(rf"(?:{'|'.join(_LAWS)})(?:_\w+)?[(\[]([^()\[\]]*)[)\]]")
_ARGUMENTS = re.compile(r"[(\[].*[)\]]", re.DOTALL)
_BAR = re.compile(r"\|\||\\\||‖|∥|\\Vert|\\parallel|\\mid\\mid")
_SQUEEZE = re.compile(
    r"\s|\\left|\\right|\\[bB]igg?[lrm]?(?![a-zA-Z])|\\[,;:!]|\\(?:mathcal|mathrm|text|operatorname|mathbb)(?![a-zA-Z])"
)


def is_negative(left: str) -> bool:
    """Whether a left side is named for minus the quantity: ``neg_kl``.

    >>> is_negative("neg_kl"), is_negative("negKL"), is_negative("kl_loss")
    (True, True, False)
    """
    return bool(_words(left) & NEGATIVE)


def require_asked(left: str, question: Question) -> None:
    r"""Refuse a left side that names another quantity, unit or multiple, or other laws, than what is asked for.

    Raises
    ------
    RequestError
        Saying what it names.

    Examples
    --------
    >>> require_asked(r"D_{KL}(N(\mu, \sigma^2) \| N(0, 1))", Question("kl", "normal", "standard_normal"))
    >>> require_asked("JS(P || Q)", Question("kl", "normal", "normal"))
    Traceback (most recent call last):
        ...
    kl_symbolic.errors.RequestError: not read: the left side JS(P || Q) names the Jensen-Shannon divergence
    """
    words, families = _words(left), [member.family for member in free_laws(question).values()]
    parameters = {word for word in words - _words(_ARGUMENTS.sub("", left)) if says_parameter(word, families)}
    squeezed = _SQUEEZE.sub("", plain_letters(left))
    _require_quantity(left, words - parameters, squeezed, find_quantity(question.quantity))
    for word in sorted(words - parameters):
        if word in MULTIPLES:
            _refuse(left, f"a multiple ({word})")
    if "bits" in words and question.unit != "bits":
        _refuse(left, "a value in bits; ask for it: --unit bits")
    if "nats" in words and question.unit != "nats":
        _refuse(left, "a value in nats; leave --unit out")
    if find_quantity(question.quantity).is_divergence:
        _require_laws(left, squeezed, question)


def _require_quantity(left: str, words: set[str], squeezed: str, asked: Quantity) -> None:
    """Refuse words and letters for another quantity; one may be called by what it is made of, too."""
    found = _LETTER.match(squeezed)
    letter = found[1] if found else ""
    phrases = [phrase for phrase in _phrases() if phrase <= words]
    said = [_phrases()[one] for one in phrases if not any(one < other for other in phrases)]
    if not said:
        said = [[one for one in all_quantities().values() if letter in one.letters]]
    for quantities in filter(None, said):
        if not {one.name for one in quantities} & made_of(asked):
            names = " or ".join(one.words for one in quantities)
            how = ", or ".join(one.name for one in quantities)
            default = how == DEFAULT_QUANTITY
            _refuse(left, f"{names}; {'leave --quantity out' if default else f'ask for it: --quantity {how}'}")
    known = {word for phrase in phrases for word in phrase}
    for word in sorted(words & OTHER_WORDS.keys() - known):
        _refuse(left, OTHER_WORDS[word])
    if letter in OTHER_LETTERS:
        _refuse(left, OTHER_LETTERS[letter])


def _phrases() -> dict[frozenset[str], list[Quantity]]:
    """Return what people call the quantities, each as the set of its words."""
    found: dict[frozenset[str], list[Quantity]] = {}
    for quantity in all_quantities().values():
        for phrase in quantity.spellings:
            found.setdefault(frozenset(phrase.split()), []).append(quantity)
    return found


def _require_laws(left: str, squeezed: str, question: Question) -> None:
    sides = _BAR.split(squeezed, maxsplit=1)
    free = free_laws(question)
    for side in sides if len(sides) == 2 else ():  # noqa: PLR2004 - P and Q
        given = ",".join(_arguments(side) or ())
        marks = {mark.lower() for mark in re.findall(r"(?<=[A-Za-zμσλ_])[12pqPQ](?![A-Za-z0-9])", given)}
        if {"1", "2"} <= marks or {"p", "q"} <= marks:
            _refuse(left, "parameters of both laws in one")
    if len(sides) != 2 or len(free) != 1 or question.q is None:  # noqa: PLR2004 - P and Q
        return
    (place,) = free
    own, other = sides[place - 1], sides[2 - place]
    words = _words(own)
    if "standard" in words or (place == 1 and words & set(SECOND) and not _words(other) & set(SECOND)):
        _refuse(left, "the laws in the other order")
    family = free[place].family
    named = [_arguments(side) for side in (own, other)]
    if named[0] is not None and not any(_is_parameter(one, family.name) for one in named[0]):
        _refuse(left, f"a law without free parameters where {question.p if place == 1 else question.q} stands")
    fixed = find(question.q if place == 1 else question.p)
    if named[1] is not None and fixed.name.startswith("standard") and not STANDARD.fullmatch(",".join(named[1])):
        _refuse(left, f"another law than {fixed.name}")
    numbers = [one for one in named[0] or () if re.fullmatch(r"[0-9.]+|\\?(?:mathbf|bm)?I|I_\w+", one)]
    if numbers:
        _refuse(left, f"a law with the value {numbers[0]}; say so: --where 'mu = 0', for example")


def _arguments(side: str) -> list[str] | None:
    """Return what a law is given, ``N(mu, sigma^2)``, without a variable in front; None where no law is written out."""
    found = _LAW.search(side.replace("{", "").replace("}", ""))
    if found is None:
        return None
    return found[1].rpartition(";")[2].split(",")


def _is_parameter(text: str, family: str) -> bool:
    name = re.sub(rf"\^\S+|[{''.join(SUPERSCRIPTS)}]+|\\|diag|\*", "", text)
    letters = {"μ": "mu", "σ": "sigma", "λ": "lambda", "Σ": "Sigma", "τ": "tau", "ν": "nu", "θ": "theta"}
    for letter, spelling in letters.items():
        name = name.replace(letter, spelling)
    return bool(re.search(r"[A-Za-z]", name)) and (bool(spelled(name, find(family).family)) or len(name) > 1)


def _words(left: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Za-z]+", _CAMEL.sub("_", plain_letters(left)))}


def _refuse(left: str, what: str) -> None:
    raise RequestError(f"not read: the left side {excerpt(left.strip())} names {what}")
