"""The derivatives of a closed form by the parameters of Q, for Taylor's formula. Untrusted: the kernel proves them."""

from __future__ import annotations

from kl_symbolic.engine.collect import collect
from kl_symbolic.engine.derive import derive
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.segment import TaylorForm, matched_parameters, may_be_difference
from kl_symbolic.proof.stable_terms import derivative
from kl_symbolic.terms import Term, has, substitute
from kl_symbolic.terms.sympy import inert, read


def taylor_form(question: Question) -> tuple[Derivation, TaylorForm]:
    """Return the derivation of a closed form of two laws of one family, and its derivatives.

    Raises
    ------
    NoClosedFormError
        If there is no closed form, no rule for a derivative, or no segment from P to Q.

    Examples
    --------
    >>> taylor_form(Question("kl", "exponential", "exponential"))[1].hessian
    ((1/lambda_2**2,),)
    """
    derivation = derive(question)
    first, second = matched_parameters(derivation.question)
    closed = derivation.statement.right
    centred, differences = closed, set()
    for a, b in zip(first, second, strict=True):
        shifted = _shifted(centred, a, b)
        if may_be_difference(a, b) and not has(shifted, a):
            centred = shifted
            differences.add(b)
    gradient = tuple(derivative(centred, b) for b in second)
    hessian = tuple(tuple(derivative(slope, theta) for theta in second[: k + 1]) for k, slope in enumerate(gradient))
    return derivation, TaylorForm(first, second, closed, frozenset(differences), centred, gradient, hessian)


def _shifted(term: Term, a: Term, b: Term) -> Term:
    """Return a term in which b stands for its difference from a.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> a, b = Symbol("a"), Symbol("b")
    >>> _shifted((a - b) ** 2 + a / b, a, b), _shifted((a - b) ** 2, a, b)
    (b**2 + a/(a + b), b**2)
    """
    return read(collect(inert(substitute(term, {b: a + b}), evaluate=True)))
