"""Decide whether an expression is a proved closed form: by the kernel, or by numbers that differ."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from kl_symbolic.claims.diagnose import diagnoses
from kl_symbolic.claims.domain import gaps
from kl_symbolic.claims.numbers import DIGITS, Values, components
from kl_symbolic.claims.verdict import Counterexample, Verdict
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import ProofError, RequestError
from kl_symbolic.kernel import prove_step
from kl_symbolic.numbers import shown
from kl_symbolic.proof.derivation import Derivation as Record
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.parameters import base_of
from kl_symbolic.terms import Term

LAST_RULES = ("collect", "function")
SHOWN = 30  # digits of a counterexample
MOST_GAPS = 3  # places without a value that are named


def decide(right: Term, derivation: Derivation, values: Values | None = None, *, explain: bool = True) -> Verdict:
    """Decide whether an expression is the closed form of a derivation, which has been proved.

    Parameters
    ----------
    right
        In the language of derivations.
    derivation
        What it is compared with.
    values
        Values at points of the question, where there are some already.
    explain
        Whether to say what a refuted formula is instead, and where one has no value.

    Raises
    ------
    RequestError
        If the closed form has more or fewer components.
    """
    statement, closed = str(derivation), derivation.statement.right
    if len(components(right)) != len(components(closed)):
        raise RequestError(f"{len(components(closed))} formulas are expected, given: {len(components(right))}")
    if right == closed:
        return Verdict("proved", derivation, right, statement, None, (), "equal, by the kernel")
    # The kernel is asked for one more step, from the closed form to the formula; of a special case only the first rule.
    for rule in LAST_RULES[: 1 if derivation.is_special else None]:
        step = Step(rule, closed, right)
        try:
            prove_step(step)
            return Verdict("proved", _with(step, derivation), right, statement, None, (), "equal, by the kernel")
        except ProofError as error:
            why = str(error).splitlines()[0]
    values = values or Values(derivation.question)
    count = len(values.points)  # one where there are no parameters
    statuses = [values.status(right, closed, k) for k in range(count)]
    at = values
    if "disagree" not in statuses and values.size:  # a formula may be right for one dimension alone
        at = Values(derivation.question, values.size + 1)
        statuses += [at.status(right, closed, k) for k in range(count)]
    if "disagree" in statuses:
        found = _counterexample(at, right, closed, statuses.index("disagree") % count, derivation)
        words = diagnoses(right, derivation, values) if explain else ()
        return Verdict("refuted", derivation, right, statement, found, words, str(found))
    if explain:
        found_gaps = (gap for one in components(right) for gap in gaps(one))
        why = "; ".join(dict.fromkeys(islice(found_gaps, MOST_GAPS))) or why
    if all(values.at(one, k) is None for one in components(right) for k in range(count)):
        detail = f"no real value was found at any of {count} points: {why}"
    else:
        agreeing = statuses.count("agree")
        detail = f"agrees at {agreeing} of {len(statuses)} points to {DIGITS} digits, but is not proved: {why}"
    return Verdict("unknown", derivation, right, statement, None, (), detail)


def _with(step: Step, derivation: Derivation) -> Derivation:
    """Return a derivation with one more step, to the formula."""
    record, special = derivation.record, derivation.special
    if not derivation.is_special:
        record = Record(record.question, (*record.steps, step), record.lemmas)
    return Derivation(record, special and replace(special, right=step.after))


def _counterexample(values: Values, right: Term, closed: Term, k: int, derivation: Derivation) -> Counterexample:
    special = derivation.special
    fixed = {base_of(parameter) for parameter, _ in special.values} if special else set()
    own = {base_of(parameter): symbol for parameter, symbol in special.names} if special else {}
    named = tuple(
        (str(symbol).replace(str(base_of(symbol)), str(own.get(base_of(symbol), base_of(symbol))), 1), value)
        for symbol, value in values.points[k].values.items()
        if base_of(symbol) not in fixed
    )
    pair = next(
        (one, other)
        for one, other in zip(components(right), components(closed), strict=True)
        if values.status(one, other, k) == "disagree"
    )
    digits = []
    for side in pair:
        value = values.at(side, k)
        assert value is not None
        digits.append(shown(values.ctx, value.mid, SHOWN))
    return Counterexample(named, *digits)
