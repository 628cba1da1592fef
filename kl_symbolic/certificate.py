"""What is said at the end of a derivation: what the kernel proved, and what the cross-check found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import floor

from kl_symbolic import render
from kl_symbolic.checks import Report
from kl_symbolic.checks.report import SPECIAL
from kl_symbolic.kernel import Proof
from kl_symbolic.proof.parameters import bound_of
from kl_symbolic.terms import Term


def certificate(proof: Proof, report: Report | None) -> render.Certificate:
    """Return what was proved, and where the numbers agree."""
    kinds: Mapping[str, list[Term]] = defaultdict(list)
    for condition in proof.conditions:
        kinds[condition.kind].append(condition.subject)
    return render.Certificate(
        steps=proof.steps,
        lemmas=len(proof.lemmas),
        axioms=proof.axioms,
        computed=proof.computed,
        positive=tuple(kinds["positive"]),
        units=tuple(kinds["unit"]),
        bounds=tuple((one, low) for one in kinds["above"] if (low := bound_of(one)) is not None),
        coordinates=tuple(kinds["coordinate"]),
        integrals=len(kinds["integrable"]),
        interchanges=len(kinds["interchange"]),
        agreement=tuple(_agreement(report)) if report else (),
    )


def _agreement(report: Report) -> list[str]:
    if report.status != "agree":
        return [
            f"{report.status}: {check.subject}, {check.route}: {check.detail}"
            for check in report.checks
            if check.status == report.status
        ]
    named = {"statement": "", SPECIAL: "of the special case, "}
    words = [
        f"{named[check.subject]}{check.route} {_precision(check.digits, enclosed=check.enclosed)} at {check.points} "
        f"random rational {'point' if check.points == 1 else 'points'}."
        for check in report.checks
        if check.subject in named and check.digits is not None
    ]
    if report.ulps is not None:
        words.append(f"the array function is within {report.ulps:.1f} ulp of the closed form.")
    return words


def _precision(digits: float, *, enclosed: bool) -> str:
    """Return what is certain, or what is estimated."""
    if enclosed:
        return f"encloses both sides to {floor(digits)} digits"
    return f"agrees to {digits:.0f} digits (estimated)"
