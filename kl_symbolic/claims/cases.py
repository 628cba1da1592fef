"""Formulas in special cases: values in place of parameters, with nothing worked out."""

from __future__ import annotations

from kl_symbolic.derivation import Derivation
from kl_symbolic.proof.special import put_in
from kl_symbolic.terms import Term


def in_special_case(term: Term, derivation: Derivation) -> Term:
    """Return what a formula in the parameters of a question is in the special case that a derivation is."""
    return put_in(term, derivation.special.values) if derivation.special else term
