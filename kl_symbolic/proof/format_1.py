"""Proof files of format 1, which named some heads otherwise; what is read from them is proved anew, as all is.

Their questions, and those of early files of format 2, had one parameterisation for both laws.
"""

from __future__ import annotations

RENAMED = {
    "Str": "Text", "IndexedBase": "Array", "Pow": "pow",
    "Log": "log", "Exp": "exp", "Sqrt": "sqrt", "Factorial": "factorial",
}  # fmt: skip
# What is called in format 2 as it was called in format 1.
UNCHANGED = frozenset(
    "Symbol pi Add Mul Indexed Law ProductLaw Density KL Entropy CrossEntropy Vector Integral Sum Product Diff".split()  # noqa: SIM905
)


def upgraded(node: object) -> object:
    """Return a node of format 1 as one of format 2; what is none, with a head that no format knows.

    Examples
    --------
    >>> upgraded(["Integer", 3]), upgraded(["Log", 0]), upgraded(["log", 0])
    (['Number', 3, 1], ['log', 0], ['log of format 1', 0])
    """
    match node:
        case ["Integer", value]:
            return ["Number", value, 1]
        case ["Rational", numerator, int() as denominator] if denominator > 1:
            return ["Number", numerator, denominator]
        case [str() as head, *arguments]:
            known = RENAMED.get(head) or (head if head in UNCHANGED else f"{head} of format 1")
            return [known, *arguments]
    return node


def upgraded_derivation(derivation: object) -> object:
    """Return the fields of a derivation with the name that format 2 gives to what is asked for."""
    if not isinstance(derivation, dict):
        return derivation
    names = {"claim": "question", "question": "question of format 2"}
    return {names.get(name, name): value for name, value in derivation.items()}


def upgraded_question(question: object) -> object:
    """Return the fields of a question with a parameterisation for each law, where there was one, and no conditions.

    >>> upgraded_question({"p": "normal", "q": None, "param": "var"})
    {'p': 'normal', 'q': None, 'where': [], 'param_p': 'var', 'param_q': None}
    """
    if not (isinstance(question, dict) and "param" in question):
        return question
    both = question["param"]
    of_q = None if question.get("q") is None else both
    others = {name: value for name, value in question.items() if name != "param"} | {"where": []}
    return others | {"param_p": both, "param_q": of_q}
