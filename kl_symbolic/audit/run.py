"""The audit of a function from top to bottom: call it, find out what it means, and measure it region by region."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kl_symbolic.arguments import checked, given
from kl_symbolic.audit import edges, shapes
from kl_symbolic.audit.calls import Caller, CallError, find_caller
from kl_symbolic.audit.counterexample import counterexample
from kl_symbolic.audit.diagnosis import Diagnosis, diagnose
from kl_symbolic.audit.exact import mp
from kl_symbolic.audit.gradients import gradients_of, measure_gradient
from kl_symbolic.audit.libraries import Function, LibraryName
from kl_symbolic.audit.measure import Array, answers, measure
from kl_symbolic.audit.probe import ask
from kl_symbolic.audit.reductions import Convention, Reduction, conventions
from kl_symbolic.audit.regions import Dtype, Region, chosen, draw, regions
from kl_symbolic.audit.report import Audit, Finding, Kind, Row
from kl_symbolic.audit.sentences import findings
from kl_symbolic.audit.target import Target
from kl_symbolic.audit.target import target as make_target
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.claim import Law, Param

TOLERANCE = 64.0  # eps: what sums of a few terms lose where nothing cancels
PROBE = (7, 3)  # samples and coordinates: no mean over one is a mean over the other, or half of a sum
ROWS, MOST_ROWS = 50, 10_000


@checked
def audit(
    function: Function,
    p: Law | str,
    q: Law | str,
    args: Sequence[str] | None = None,
    param: Param | str | None = None,
    *,
    dtype: Dtype = "float64",
    rtol: float | None = None,
    regions: Sequence[Region | str] | None = None,
    reduction: Convention | None = None,
    library: LibraryName | None = None,
    gradient: Function | None = None,
    rows: int = ROWS,
    name: str | None = None,
) -> Audit:
    """Audit a function that computes a divergence, against the proved closed form at 60 digits.

    Parameters
    ----------
    function
        Takes arrays of parameters: of shape (samples,), or (samples, coordinates) for product laws. Functions that
        take one sample at a time, as arrays or as floats, are called so.
    p, q
        Names of the laws, as for `kl_symbolic.derive`.
    args
        The names of the function's arguments in their order: the parameters of the laws, those of P with ``_1`` and of
        Q with ``_2`` if both have some. By default the order of the closed form: P first.
    param
        The parameterisation; by default the one whose parameters `args` names.
    dtype
        ``"float64"`` or ``"float32"``.
    rtol
        The largest relative error that passes, as a number; by default 64 eps of the dtype.
    regions
        Where to look: ``"far"``, ``"near"``, ``"equal"``, ``"extreme"``, ``"edges"``, ``"shapes"``, ``"gradients"``, or
        single regions such as ``"near 1e-8"``; by default everywhere.
    reduction
        What the function does with the axes: ``"sample"``, ``"none"``, ``"sum"``, ``"mean"``, ...; by default it is
        found out.
    library
        ``"numpy"``, ``"torch"``, ``"jax"`` or ``"python"`` (floats); by default it is found out.
    gradient
        Returns the derivatives of the sum of all values by each argument; by default the library differentiates.
    rows
        The number of samples in each region.
    name
        What to call the function in the report.

    Returns
    -------
    Audit
        Errors in the function are findings of it, not exceptions.

    Raises
    ------
    RequestError
        If the request does not fit; `NoClosedFormError` if there is no closed form.

    Examples
    --------
    >>> import numpy as np
    >>> def kl_loss(mu, logvar):
    ...     return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=-1)
    >>> audit(kl_loss, "diagonal_normal", "standard_normal", ("mu", "logvar"), regions=["far"]).passed
    True
    >>> found = audit(kl_loss, "diagonal_normal", "standard_normal", ("mu", "logvar"), regions=["near 1e-8"])
    >>> found.passed, found.row("near 1e-8").worst > 1e12
    (False, True)
    """
    if not 1 <= rows <= MOST_ROWS:
        raise RequestError(f"rows must be an integer from 1 to {MOST_ROWS}, given: {given(rows)}")
    if rtol is not None and not 0 < rtol < math.inf:
        raise RequestError(f"rtol must be a positive number, given: {rtol!r}")
    found = make_target(p, q, args, param)
    if not found.names:
        raise RequestError(f"{p} and {q} have no parameters: there is nothing to call a function with")
    run = _Run(found, tuple(args or found.names), dtype, rtol, rows, name or _name_of(function))
    return run.audit(function, gradient, regions, conventions(found.product, reduction), library)


def _name_of(function: Function) -> str:
    return str(getattr(function, "__qualname__", None) or type(function).__name__)


class _Run:
    """One audit while it runs: what is known, and the findings so far."""

    def __init__(
        self, target: Target, order: tuple[str, ...], dtype: Dtype, rtol: float | None, rows: int, name: str
    ) -> None:
        self.target, self.order, self.dtype, self.rows, self.name = target, order, dtype, rows, name
        self.eps = float(np.finfo(dtype).eps)
        self.tolerance = TOLERANCE if rtol is None else rtol / self.eps
        self.measured: list[Row] = []
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self.checked = 0

    def audit(
        self,
        function: Function,
        gradient: Function | None,
        wanted: Sequence[str] | None,
        reductions: Sequence[Reduction],
        library: str | None,
    ) -> Audit:
        picked, others = chosen(wanted, regions(self.target, self.dtype))
        probe = draw(self.target, "far", self.dtype, *PROBE)
        caller, failures = find_caller(function, [probe[n] for n in self.order], self.target.product, library)
        if caller is None:
            self.found("call", f"it could not be called: {'; '.join(dict.fromkeys(failures))}")
            return self.report(None, None)
        if caller.layout == "sample":
            self.notes.append("it takes one sample at a time")
            reductions = [r for r in reductions if r.by_sample] or reductions
        diagnosis = self.meaning(caller, probe, reductions)
        if diagnosis is None or diagnosis.reduction is None:
            return self.report(caller, None)
        if not diagnosis.right:
            if diagnosis.alone:
                self.group(["far"], caller, diagnosis.reduction, quiet=True)
            self.notes.append("other regions were not tried, as the values are wrong")
            return self.report(caller, diagnosis.reduction)
        for names in picked.values():
            self.group(names, caller, diagnosis.reduction)
        if not self.target.same_family:
            self.notes.append("the laws are of two families: they are never nearly equal")
        if "gradients" in others:
            self.gradient(caller, gradient, diagnosis.reduction)
        if "shapes" in others:
            self.add(shapes.check(caller, self.target, self.order, diagnosis.reduction, self.dtype))
        if "edges" in others:
            self.add(edges.check(caller, self.target, self.order, diagnosis.reduction, self.dtype))
        return self.report(caller, diagnosis.reduction)

    def found(self, kind: Kind, sentence: str) -> None:
        self.findings.append(Finding(kind, sentence))

    def add(self, more: tuple[int, list[Finding], list[str]]) -> None:
        checked, wrong, notes = more
        self.checked += checked
        self.findings += wrong
        self.notes += notes

    def meaning(self, caller: Caller, probe: dict[str, Array], reductions: Sequence[Reduction]) -> Diagnosis | None:
        try:
            asked = ask(caller, probe, self.order)
        except CallError as error:
            self.found("call", f"it fails at {PROBE[0]} samples far apart: {error}")
            return None
        answer = asked.answer
        if answer.dtype.kind == "f" and answer.dtype.itemsize < np.dtype(self.dtype).itemsize:
            self.found("dtype", f"it returns {answer.dtype} for parameters in {self.dtype}")
        diagnosis = diagnose(self.target, probe, self.order, asked, reductions)
        if not diagnosis.right and diagnosis.words is None and diagnosis.reduction is not None:
            diagnosis = self.meaning_of_positive(caller, probe, reductions) or diagnosis
        if not diagnosis.right and len(reductions) == 1:
            other = diagnose(self.target, probe, self.order, asked, conventions(self.target.product))
            if other.right and other.reduction is not None:
                self.found("shape", f"it returns {other.reduction.words}; expected: {reductions[0].words}")
                return other
        if diagnosis.reduction is None:
            shapes_of = sorted({str(np.shape(r.apply(self.target.values(probe)))) for r in reductions})
            given = probe[self.order[0]] if self.target.product else probe[self.order[0]][..., 0]
            self.found(
                "shape",
                f"for arguments of shape {given.shape} it returns the shape {answer.shape}; "
                f"expected: {' or '.join(shapes_of)}",
            )
        elif diagnosis.words is not None:
            self.found(
                "meaning",
                f"wrong values: {diagnosis.words} (agrees at {diagnosis.points} points to {diagnosis.digits} digits)",
            )
        elif not diagnosis.right:
            self.found("value", counterexample(self.target, asked, probe, diagnosis.reduction))
        return diagnosis

    def meaning_of_positive(
        self, caller: Caller, probe: dict[str, Array], reductions: Sequence[Reduction]
    ) -> Diagnosis | None:
        """Ask once more with positive numbers: more mistakes have a value there."""
        positive = {name: np.abs(column) for name, column in probe.items()}
        try:
            asked = ask(caller, positive, self.order)
        except CallError:
            return None
        diagnosis = diagnose(self.target, positive, self.order, asked, reductions)
        return None if diagnosis.words is None else diagnosis

    def measured_at(self, region: str, columns: dict[str, Array], caller: Caller, reduction: Reduction) -> Row:
        answered = answers(caller, columns, self.order, reduction)
        return measure(region, columns, self.target.values(columns), answered, reduction, np.finfo(self.dtype))

    def group(self, names: Sequence[str], caller: Caller, reduction: Reduction, quiet: bool = False) -> None:
        rows = []
        for name in names:
            rows.append(self.measured_at(name, draw(self.target, name, self.dtype, self.rows), caller, reduction))
            if rows[-1].unknown:
                self.notes.append(
                    f"{name}: {rows[-1].unknown} points left out, as the closed form has no certain value there"
                )
        self.measured += rows
        if not quiet:
            self.checked += sum(row.points for row in rows)
            self.findings += findings(rows, self.tolerance)

    def gradient(self, caller: Caller, given: Function | None, reduction: Reduction) -> None:
        if self.target.gradients is None or caller.layout == "sample":
            why = "it takes one sample at a time" if self.target.gradients else "none is derived for this pair"
            self.notes.append(f"gradients were not tried: {why}")
            return
        rows = []
        for name in ("far", "near 1e-4") if self.target.same_family else ("far",):
            columns = draw(self.target, name, self.dtype, self.rows)
            arrays = [columns[n] for n in self.order]
            try:
                found = gradients_of(caller, given, arrays)
            except CallError as error:
                self.found("gradient", f"its gradient fails: {error}")
                return
            if found is None:
                self.notes.append("gradients were not tried: give a gradient function, or a function in torch or JAX")
                return
            weight = _weight(reduction, arrays[0].shape)
            rows.append(measure_gradient(f"gradient {name}", self.target, columns, self.order, found, weight))
        self.measured += rows
        self.checked += sum(row.points for row in rows)
        self.findings += findings(rows, self.tolerance)

    def report(self, caller: Caller | None, reduction: Reduction | None) -> Audit:
        return Audit(
            self.name,
            self.target.derivation.name,
            str(self.target.derivation.closed_form),
            caller.library.name if caller else None,
            self.dtype,
            reduction.words if reduction else None,
            self.tolerance,
            tuple(self.measured),
            tuple(self.findings),
            self.checked,
            tuple(dict.fromkeys(self.notes)),
        )


def _weight(reduction: Reduction, shape: tuple[int, ...]) -> Any:
    """Return what one coordinate contributes to the sum of all values of a reduction."""
    ones = np.empty(shape, dtype=object)
    ones[...] = mp.mpf(0)
    ones[(0,) * len(shape)] = mp.mpf(1)
    return mp.fsum(np.ravel(reduction.apply(ones)))
