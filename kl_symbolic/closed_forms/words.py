"""What stands above the code of a closed form in another language: what it is, where it holds, how exact it is."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from kl_symbolic.checks.kept import digest
from kl_symbolic.closed_forms.computed import Computed
from kl_symbolic.code.stated_domain import stated_words
from kl_symbolic.divergences import find_quantity
from kl_symbolic.kernel import Proof


def words_of_code(computed: Computed, expr: Expr, stable: Expr | None, proof: Proof) -> tuple[str, ...]:
    """Return the lines.

    Parameters
    ----------
    computed
        What the code computes.
    expr, stable
        The closed form, and its stable form if one is known.
    proof
        The proof of what is computed.
    """
    question = computed.question
    title, laws = find_quantity(question.quantity).title, " and ".join(n for n in (question.p, question.q) if n)
    return (
        f"{title} of {laws}, in {question.unit}.",
        "",
        f"    {expr}",
        *(() if stable is None else ("", "It is computed as", "", f"    {stable}")),
        "",
        *(f"{name}: {one.meaning}, {computed.spaces[name].words}" for name, one in computed.records.items()),
        *([f"Where {', '.join(computed.bounds)}."] if computed.bounds else []),
        "",
        *_words_of_errors(computed),
        *(computed.segment.words if computed.segment else ()),
        f"Proved by the kernel of kl_symbolic: {computed.derivation.name}, proof {digest(proof.derivation)[:16]}.",
    )


def _words_of_errors(computed: Computed) -> tuple[str, ...]:
    """Return the bounds of the errors of all values."""
    domain = stated_words(computed.within)
    said = [str(replace(bound, domain="")) for bound in computed.error_bounds]
    if not computed.is_gradient:
        return (f"{said[0][:1].upper()}{said[0][1:]}, for {domain}.",)
    by = zip(computed.parameters, said, strict=True)
    return (f"For {domain}:", *(f"    derivative by {name}: {words}" for name, words in by))
