"""Words for what the kernel checks: titles of derivations, names of rules, sentences about laws."""

from __future__ import annotations

from kl_symbolic.divergences import Quantity, find_quantity
from kl_symbolic.families import find
from kl_symbolic.proof.question import Question

# Every rule of the kernel: its name, and what it says; {integral} is what the step is about, {x} its variable, {p} the
# density of P.
RULES: dict[str, tuple[str, str]] = {
    "definition": ("Definition", "by definition of the divergence and the entropies"),
    "density": ("Densities", "insert the densities"),
    "logarithm": ("Logarithm", "the logarithm of a product or quotient is a sum or difference"),
    "algebra": ("Algebra", "multiply the powers out"),
    "linearity": ("Linearity", "the {integral} splits, and what does not depend on {x} moves out"),
    "normalisation": ("Normalisation", "the density integrates to one"),
    "moments": ("Moments", "insert"),
    "theorem": ("Theorem", "insert"),
    "collect": ("Collect", "combine the logarithms and put terms over common denominators"),
    "sum_outside": ("Linearity", "the sum over the coordinates moves out of the {integral}"),
    "fubini": ("Fubini", "the other coordinates integrate to one"),
    "write_out": ("Sum", "write the sum out"),
    "score": ("Score", "write the statistic by means of the score, from"),
    "leibniz": ("Leibniz", "{p} times the score is the derivative of {p}, and it moves through the {integral}"),
    "differentiate": ("Derivative", "carry the derivative out"),
    "function": ("Identity", "use an identity of a function"),
    "support": ("Support", "P has mass on all of {p_space}, and Q has none outside {q_space}"),
    "computed": ("Computed", "a value that was computed to many digits, not proved"),
    "remainder": (
        "Remainders",
        "put the terms together to functions that keep their digits where both laws are nearly equal",
    ),
    "formula": ("Densities", "insert the densities"),
    "recognition": ("Recognition", "recognise the density of another law in the {integral}"),
}


def title(question: Question) -> str:
    """Return a heading for a question.

    Examples
    --------
    >>> title(Question("kl", "normal", "standard_normal"))
    'Kullback-Leibler divergence: normal ‖ standard normal'
    """
    quantity = find_quantity(question.quantity)
    heading = (quantity.heading or quantity.title).format(of=_of(question, quantity))
    laws = " ‖ ".join(spoken(name) for name in (question.p, question.q) if name)
    return f"{heading[:1].upper()}{heading[1:]}: {laws}"


def _of(question: Question, quantity: Quantity) -> str:
    return meaning_of(question) if quantity.of == "parameter" else spoken(question.of or "")


def meaning_of(question: Question) -> str:
    """Return what the parameter means that a question about a score names."""
    return next(p.meaning for p in find(question.p).family.parameters if p.name == question.of)


def spoken(name: str) -> str:
    """Return an identifier as words."""
    return name.replace("_", " ")


def law_in_words(name: str) -> str:
    """Return the kind of law that a name stands for."""
    member = find(name)
    if member.fixed is not None:
        return f"{spoken(name)} distribution"
    return member.family.title
