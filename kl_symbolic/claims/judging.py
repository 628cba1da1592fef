"""Read a formula, and every side of an equation, and compare it with the proved closed form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Unpack

from kl_symbolic import render
from kl_symbolic.api import derive, prove
from kl_symbolic.arguments import checked
from kl_symbolic.claims.asked import Request, arranged, as_spoken, guessed
from kl_symbolic.claims.cases import in_special_case
from kl_symbolic.claims.correction import correction
from kl_symbolic.claims.decision import decide
from kl_symbolic.claims.equation import Part, parts_of, read_parts
from kl_symbolic.claims.numbers import Values
from kl_symbolic.claims.remarks import exchanged, remarks
from kl_symbolic.claims.verdict import JudgedSide, Verdict
from kl_symbolic.derivation import Derivation
from kl_symbolic.divergences import DEFAULT_QUANTITY, find_quantity
from kl_symbolic.errors import RequestError
from kl_symbolic.kernel import Proof
from kl_symbolic.proof.question import Law, RequestOptions
from kl_symbolic.proof.statement import laws
from kl_symbolic.reading.formula import Reading
from kl_symbolic.reading.symbols import Symbols
from kl_symbolic.render.printer import Printer
from kl_symbolic.terms import Term, length

MOST_PARTS_SHOWN = 300  # of a formula that is printed back


@checked
def check(
    text: str | Term | object,
    p: Law | str | object | None = None,
    q: Law | str | object | None = None,
    *,
    symbols: Mapping[str, str] | None = None,
    where: str | Sequence[str] | None = None,
    **options: Unpack[RequestOptions],
) -> Verdict:
    r"""Decide whether a formula is what `derive` derives.

    Parameters
    ----------
    text
        The formula as text or LaTeX, as a SymPy expression, or as a term; see `kl_symbolic.reading.formula`. Of
        ``KL = a = b`` both a and b are judged.
    p, q
        The laws, as for `kl_symbolic.derive`: names, ``"normal(0, s)"``, or objects of libraries. Without them they are
        guessed from the names in the formula; where it sums over coordinates, `normal` is read as `diagonal_normal`.
    symbols
        Names of one's own, and the parameter, or a formula in such, that each stands for: ``{"s": "sigma_1**2"}``.
    where
        What parameters are equal to: ``"sigma_1 = sigma_2"``.
    **options
        Those of `kl_symbolic.derive`. Without parameterisations it is that of which the formula speaks.

    Raises
    ------
    RequestError
        If the text is no formula in the parameters of the laws; otherwise as `kl_symbolic.derive`.

    Examples
    --------
    >>> check("mu**2/2 + (sigma**2 - 1)/2 - log(sigma)", "normal", "standard_normal").status
    'proved'
    >>> verdict = check(r"\frac{1}{2}(\mu^2 + s - 1 - \ln s)", "normal", "standard_normal")
    >>> verdict.inferred
    (('s', 'sigma'),)
    >>> print(verdict.detail)
    at mu = ..., sigma = ... the formula is ..., and the truth ...
    >>> verdict.diagnoses
    ('sigma stands for the variance',)
    """
    found = arranged([one for one in (text, p, q) if one is not None])
    if found is not None:
        text, p, q, *_ = [*found, None, None]
    parts = parts_of(text)
    said = Symbols(symbols or {})
    nodes = [said.put_into(part.node, product=False) for part in parts if part.node is not None]
    if not nodes:
        raise RequestError(parts[-1].refusal or "not a formula: there is nothing to read")
    quantity = options.get("quantity", DEFAULT_QUANTITY)
    asked = guessed(nodes, quantity) if p is None else Request(p, None if find_quantity(quantity).laws == 1 else q)
    each = options.get("param_p") is not None or options.get("param_q") is not None
    asked = as_spoken(replace(asked, param=options.get("param")), nodes, parameterised=each)
    options["param"] = asked.param
    derivation = derive(asked.p, asked.q, where=where, **options)
    verdict = resting_on(prove(derivation), _judge(text, parts, derivation, symbols))
    idle = said.without(part.node for part in parts if part.node is not None)
    notes = [f"{name} stands nowhere in the formula" for name in idle]
    return replace(verdict, notes=(*asked.notes, *verdict.notes, *notes))


def resting_on(proof: Proof, verdict: Verdict) -> Verdict:
    """Return a verdict that says which values it rests on that are not proved."""
    if verdict.status != "proved" or not proof.computed:
        return verdict
    words = f"equal, but for values that were computed to many digits and not proved: {', '.join(proof.computed)}"
    return replace(verdict, status="computed", detail=words)


def judge(text: object, derivation: Derivation, symbols: Mapping[str, str] | None = None) -> Verdict:
    """Decide whether every side of an equation, or a formula alone, is what a derivation derives.

    Parameters
    ----------
    text, symbols
        As for `check`.
    derivation
        Which has been proved.

    Raises
    ------
    RequestError
        If the text is no formula in the parameters of the laws.
    """
    return _judge(text, parts_of(text), derivation, symbols)


def _judge(text: object, parts: Sequence[Part], derivation: Derivation, symbols: Mapping[str, str] | None) -> Verdict:
    equation = read_parts(parts, derivation, symbols)
    values, alone = Values(derivation.question), len(equation.sides) == 1

    def judged(reading: Reading, *, explain: bool) -> Verdict:
        return _judged(reading, derivation, values, alone=alone, explain=explain)

    read = {one.place: judged(one.reading, explain=alone) for one in equation.sides if one.reading}
    beside = next(iter(read.values()))
    verdicts = [read.get(one.place) or replace(beside, status="unknown", detail=one.refusal) for one in equation.sides]
    place = next((k for s in ("refuted", "unknown") for k, v in enumerate(verdicts) if v.status == s), -1)
    reading = equation.sides[place].reading
    worst = verdicts[place]
    if reading is not None and worst.status != "proved" and not alone:  # of several, only the worst is explained
        worst = verdicts[place] = judged(reading, explain=True)
    if worst.status == "refuted":

        def proved(right: Term) -> bool:
            return decide(in_special_case(right, derivation), derivation, values, explain=False).status == "proved"

        worst = replace(worst, correction=correction(text, equation, place, derivation, symbols, proved))
    inferred = {name: meaning for verdict in verdicts[::-1] for name, meaning in verdict.inferred}
    found = replace(worst, inferred=tuple(inferred.items()), notes=equation.notes)
    if len(verdicts) == 1:
        return found
    sides = tuple(
        JudgedSide(side.written, side.place, verdict.status, verdict.detail)
        for side, verdict in zip(equation.sides, verdicts, strict=True)
    )
    side = sides[place]
    named = f"side {side.place} of {equation.count}, {side.written}: {side.detail}"
    return replace(
        found, sides=sides, detail="all sides are equal, by the kernel" if worst.status == "proved" else named
    )


def _judged(reading: Reading, derivation: Derivation, values: Values, *, alone: bool, explain: bool) -> Verdict:
    right, closed = in_special_case(reading.term, derivation), derivation.statement.right
    if not alone and closed.free and not right.free:
        words = "a number; it can be right at some parameters only"
        verdict = Verdict("unknown", derivation, right, str(derivation), None, (), words)
    else:
        verdict = decide(right, derivation, values, explain=explain)
    said: tuple[str, ...] = ()
    reverse = find_quantity(derivation.question.quantity).reverse
    if verdict.status == "proved" and not derivation.is_special:
        said = remarks(derivation.question, reading)
    elif reverse and any(reverse in words for words in verdict.diagnoses):
        said = exchanged(derivation.question, reading)
    return replace(verdict, inferred=reading.inferred, shown=_shown(right, derivation), remarks=said)


def _shown(formula: Term, derivation: Derivation) -> str:
    """Return a formula in our notation, unless it is very long."""
    if length(formula) > MOST_PARTS_SHOWN:
        return ""
    written = derivation.special.renamed(formula) if derivation.special else formula
    return render.text(Printer(render.Notation(), laws(derivation.question)).expression(written))
