"""What the arguments and options of a directive, or the text of a role, ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, get_args

from docutils.parsers.rst import directives

from kl_symbolic.api import derive
from kl_symbolic.derivation import Derivation
from kl_symbolic.divergences import all_quantities
from kl_symbolic.errors import RequestError
from kl_symbolic.options import Indices, Logarithm, parse_label, parse_stages, parse_symbols
from kl_symbolic.proof.question import Route, Unit
from kl_symbolic.render import Notation


def _one_of(*values: str) -> Callable[[str], str]:
    return lambda text: directives.choice(text, values)


def _flag(text: str) -> bool:
    directives.flag(text)  # it refuses any text
    return True


WHAT: dict[str, Callable[[str], Any]] = {
    "quantity": lambda text: directives.choice(text, tuple(all_quantities())),
    "of": directives.unchanged_required,
    "route": _one_of(*get_args(Route)),
    **dict.fromkeys(("param", "param_p", "param_q"), directives.unchanged_required),
    "dim": directives.positive_int,
    "unit": _one_of(*get_args(Unit)),
    "where": directives.unchanged_required,
}
HOW: dict[str, Callable[[str], Any]] = {
    "indices": _one_of(*get_args(Indices)),
    "log": _one_of(*get_args(Logarithm)),
    "divergence": directives.unchanged_required,
    "symbols": lambda text: parse_symbols([text]),
    "expectation": _flag,
    "label": parse_label,
}
CHECKED: dict[str, Callable[[str], Any]] = {"digits": directives.positive_int, "points": directives.positive_int}


@dataclass(frozen=True)
class Request:
    """One or two laws, and what of them."""

    p: str
    q: str | None
    options: tuple[tuple[str, Any], ...]

    def derive(self) -> Derivation:
        """Derive what is asked for."""
        return derive(self.p, self.q, **dict(self.options))


def words_of(text: str) -> list[str]:
    """Return the words of a text; what stands in parentheses is one word with what is before it.

    >>> words_of("normal(0, s) normal(1, 3) param=var")
    ['normal(0, s)', 'normal(1, 3)', 'param=var']
    """
    words, depth = [""], 0
    for c in text:
        depth += (c == "(") - (c == ")")
        if c.isspace() and depth <= 0:
            words.append("")
        else:
            words[-1] += c
    return [word for word in words if word]


def request(words: Sequence[str], options: Mapping[str, Any]) -> Request:
    """Read the laws and the options that `derive` takes.

    Raises
    ------
    RequestError
        If there are no laws, or more than two.
    """
    if not 1 <= len(words) <= 2:  # noqa: PLR2004 - P and Q
        raise RequestError(f"name the law P, and the law Q, for example: normal normal; given: {' '.join(words)!r}")
    return Request(words[0], words[1] if len(words) > 1 else None, tuple((k, options[k]) for k in WHAT if k in options))


def from_text(text: str) -> Request:
    """Read a role: ``normal standard_normal param=logvar``.

    Raises
    ------
    RequestError
        If a word is not as it should be.

    Examples
    --------
    >>> from_text("normal standard_normal param=logvar")
    Request(p='normal', q='standard_normal', options=(('param', 'logvar'),))
    """
    words, options = [], {}
    for word in words_of(text):
        name, equals, value = word.partition("=")
        if not equals or "(" in name:
            words.append(word)
            continue
        if name not in WHAT:
            raise RequestError(f"no option {name!r}; there are {', '.join(WHAT)}")
        try:
            options[name] = WHAT[name](value)
        except ValueError as error:
            raise RequestError(f"{name}: {error}") from error
    return request(words, options)


def notation(options: Mapping[str, Any], default: Notation) -> Notation:
    """Return the default notation, less what options say otherwise.

    Raises
    ------
    RequestError
        If an option does not fit.
    """
    return replace(default, **{field.name: options[field.name] for field in fields(Notation) if field.name in options})


def stages(text: str) -> tuple[int, ...]:
    """Read numbers of stages, with spaces or without.

    Raises
    ------
    RequestError
        If they are given otherwise.

    Examples
    --------
    >>> stages("1, 3-5")
    (1, 3, 4, 5)
    """
    return parse_stages(text.replace(" ", ""))
