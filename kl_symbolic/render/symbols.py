"""The symbols that an author chose: each is one of the derivation's, and looks like no other."""

from __future__ import annotations

import re

from kl_symbolic.errors import RequestError
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.render.notation import DIVERGENCE, Notation
from kl_symbolic.terms import names


def require_symbols(notation: Notation, record: Derivation) -> None:
    """Refuse symbols that the derivation does not have, or that would look like others.

    Raises
    ------
    RequestError
        Naming them.
    """
    if (notation.indices, notation.divergence, notation.symbols) == ("12", DIVERGENCE, {}):
        return
    parts = {part.name: _names(part) for part in record.with_lemmas()}
    letters = "PQ" if record.question.q else "P"
    known = set().union(*parts.values()) | {*letters, *letters.lower()}
    for name, tex in notation.symbols.items():
        if name not in known:
            turned = re.sub(r"[\\{}]", "", tex)
            hint = (
                f"; our name stands on the left, and what is shown on the right: {turned}={name}"
                if turned in known
                else ""
            )
            raise RequestError(f"no symbol {name!r} in {record.name}; there are {', '.join(sorted(known))}{hint}")
    for name, inside in parts.items():
        notation.require_distinct(inside, letters, name)


def _names(part: Derivation) -> set[str]:
    sides = [*part.statement, *(side for step in part.steps for side in (step.before, step.after))]
    return names(sides)
