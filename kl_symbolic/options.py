"""What users type about the form of a derivation: numbers of stages, symbols, labels, and a few words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from kl_symbolic.errors import RequestError

Indices = Literal["12", "pq"]
Logarithm = Literal["log", "ln"]
Lemmas = Literal["full", "fold", "name"]
Environment = Literal["equation", "align"]

LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:/-]{0,98}[A-Za-z0-9])?")


def parse_stages(text: str) -> tuple[int, ...]:
    """Read numbers of stages.

    Raises
    ------
    RequestError
        If they are given otherwise.

    Examples
    --------
    >>> parse_stages("1,3-5")
    (1, 3, 4, 5)
    """
    if not re.fullmatch(r"\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*", text, re.ASCII):
        raise RequestError(f"stages are given as 1,3-5, given: {text!r}")
    bounds = [[int(n) for n in part.split("-")] for part in text.split(",")]
    stages = [range(first, (last or [first])[0] + 1) for first, *last in bounds]
    if not all(stages):
        raise RequestError(f"stages are given in their order, as 3-5, given: {text!r}")
    return tuple(k for some in stages for k in some)


def parse_symbols(texts: Sequence[str]) -> dict[str, str]:
    r"""Read ``name=tex`` pairs, each alone or several with commas between them.

    Raises
    ------
    RequestError
        If they are given otherwise, or a name twice.

    Examples
    --------
    >>> parse_symbols([r"mu_1=\mu_p, sigma_1=s", r"P=q_\phi"])
    {'mu_1': '\\mu_p', 'sigma_1': 's', 'P': 'q_\\phi'}
    """
    pairs: dict[str, str] = {}
    for pair in (pair for text in texts for pair in _apart(text)):
        name, equals, tex = (part.strip() for part in pair.partition("="))
        if not (name and equals and tex):
            raise RequestError(rf"a symbol is given as name=tex, for example mu_1=\mu_p, given: {pair!r}")
        if name in pairs:
            raise RequestError(f"the symbol {name} is given twice")
        pairs[name] = tex
    return pairs


def _apart(text: str) -> Iterator[str]:
    """Cut at commas before a name and an equals sign, but for those in braces."""
    last = 0
    for comma in re.finditer(r",\s*(?=\w+\s*=)", text):
        before = text[last : comma.start()]
        if before.count("{") <= before.count("}"):
            yield before
            last = comma.end()
    yield text[last:]


def parse_label(text: str) -> str:
    """Read a label: what HTML, TeX and file names take as it is.

    Raises
    ------
    RequestError
        If it holds anything else.

    Examples
    --------
    >>> parse_label("eq:vae-2")
    'eq:vae-2'
    """
    if not (isinstance(text, str) and LABEL.fullmatch(text)):
        raise RequestError(
            f"a label holds at most 100 letters a to z, digits, and . _ : / - between them, given: {text!r}"
        )
    return text


def label(name: str) -> str:
    """Return the label of a derivation that was given none: ``kl(normal, normal)`` -> ``kl-normal-normal``.

    >>> label("kl(normal, normal)")
    'kl-normal-normal'
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
