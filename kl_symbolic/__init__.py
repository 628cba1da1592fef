"""Kullback-Leibler divergences: derived step by step, proved, cross-checked, printed, and computed on arrays.

>>> from kl_symbolic import derive, prove
>>> d = derive("poisson", "poisson")
>>> d.closed_form
lambda_1*log(lambda_1/lambda_2) - lambda_1 + lambda_2
>>> prove(d).steps
15
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kl_symbolic import families, numeric
    from kl_symbolic.answering import Answer, answers
    from kl_symbolic.api import catalogue, derive, load, prove, verify
    from kl_symbolic.checks import Report
    from kl_symbolic.claims import Verdict, check
    from kl_symbolic.closed_forms import ClosedForm, closed_form
    from kl_symbolic.derivation import Derivation
    from kl_symbolic.errors import (
        InfiniteDivergenceError,
        KLError,
        MissingProgramError,
        NoClosedFormError,
        ProofError,
        ProofFileError,
        RequestError,
        WrongTypeError,
    )
    from kl_symbolic.kernel import Proof, replay
    from kl_symbolic.reference import Vectors, vectors
    from kl_symbolic.render import Notation

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "ClosedForm",
    "Derivation",
    "InfiniteDivergenceError",
    "KLError",
    "MissingProgramError",
    "NoClosedFormError",
    "Notation",
    "Proof",
    "ProofError",
    "ProofFileError",
    "Report",
    "RequestError",
    "Vectors",
    "Verdict",
    "WrongTypeError",
    "answers",
    "catalogue",
    "check",
    "closed_form",
    "derive",
    "families",
    "load",
    "numeric",
    "prove",
    "replay",
    "vectors",
    "verify",
]

# Names are imported when they are first used (PEP 562): SymPy takes a good part of a second to import, and
# neither the array functions nor --help need it.
_HOMES = {
    "Answer": "answering",
    "answers": "answering",
    "Derivation": "derivation",
    "Notation": "render",
    "Proof": "kernel",
    "Report": "checks",
    "Vectors": "reference",
    "Verdict": "claims",
    "ClosedForm": "closed_forms",
    "check": "claims",
    "closed_form": "closed_forms",
    "replay": "kernel",
    "vectors": "reference",
}


def __getattr__(name: str) -> object:
    if name in ("families", "numeric"):
        return importlib.import_module(f"{__name__}.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "errors" if name.endswith("Error") else _HOMES.get(name, "api")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
