"""Words for what the kernel checks: titles of derivations, names of rules, sentences about laws."""

from __future__ import annotations

from kl_symbolic.families import Member, find
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
    "recognition": ("Recognition", "recognise the density of another law in the {integral}"),
}

QUANTITIES: dict[str, str] = {
    "kl": "Kullback-Leibler divergence",
    "entropy": "Entropy",
    "cross_entropy": "Cross-entropy",
    "decomposition": "Divergence as cross-entropy minus entropy",
    "asymmetry": "Asymmetry of the Kullback-Leibler divergence",
    "gradient": "Gradient of the Kullback-Leibler divergence",
    "score": "Score",
}


def title(question: Question) -> str:
    """Return a heading for a question.

    Examples
    --------
    >>> title(Question("kl", "normal", "standard_normal"))
    'Kullback-Leibler divergence: normal ‖ standard normal'
    """
    laws = " ‖ ".join(spoken(name) for name in (question.p, question.q) if name)
    if question.quantity == "moment":
        return f"{spoken(question.of or '').capitalize()}: {laws}"
    if question.quantity == "score":
        return f"Score by the {meaning_of(question)}: {laws}"
    return f"{QUANTITIES[question.quantity]}: {laws}"


def meaning_of(question: Question) -> str:
    """Return what the parameter means that a question about a score names."""
    return next(p.meaning for p in find(question.p).family.parameters if p.name == question.of)


def spoken(name: str) -> str:
    """Return an identifier as words."""
    return name.replace("_", " ")


def parameter_meanings(member: Member, param: str | None) -> list[str]:
    """Return what the free parameters of a law mean: mean, standard deviation."""
    if member.fixed is not None:
        return []
    family = member.family
    known = param if param is not None and param in family.param_names else family.default
    return [parameter.meaning for parameter in family.parameters_in(known)]


def law_in_words(name: str) -> str:
    """Return the kind of law that a name stands for."""
    member = find(name)
    if member.fixed is not None:
        return f"{spoken(name)} distribution"
    return member.family.title
