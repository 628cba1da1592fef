"""The audit of a function from top to bottom: call it, find out what it means, and measure it region by region."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kl_symbolic.arguments import checked, given
from kl_symbolic.audit import edges, guards, shapes
from kl_symbolic.audit.calls import Caller, find_caller
from kl_symbolic.audit.exact import mp
from kl_symbolic.audit.gradients import gradients_of, measure_gradient
from kl_symbolic.audit.libraries import AnswerError, Array, CallError, Function, LibraryName
from kl_symbolic.audit.load import made
from kl_symbolic.audit.meaning import meaning
from kl_symbolic.audit.measure import answers_of, measure
from kl_symbolic.audit.reductions import Convention, Reduction, conventions
from kl_symbolic.audit.regions import WIDTH, Dtype, Region, chosen, draw, regions
from kl_symbolic.audit.report import Audit, Finding, Kind, Row
from kl_symbolic.audit.sentences import findings
from kl_symbolic.audit.target import Target
from kl_symbolic.audit.target import target as make_target
from kl_symbolic.audit.way import Way, advice
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Law, Param

TOLERANCE = 64.0  # eps: what sums of a few terms lose where nothing cancels
PROBE = (7, WIDTH)  # samples and coordinates: no mean over one is a mean over the other, or half of a sum
GUARDED: set[Kind] = {"value", "precision", "negative", "zero", "edge"}  # findings that a guard may explain
ROWS, MOST_ROWS = 50, 10_000


@checked
def audit(
    function: Function,
    p: Law | str | object,
    q: Law | str | object,
    args: Sequence[str] | None = None,
    param: Param | str | None = None,
    *,
    param_p: Param | str | None = None,
    param_q: Param | str | None = None,
    where: str | Sequence[str] | None = None,
    dtype: Dtype = "float64",
    rtol: float | None = None,
    regions: Sequence[Region | str] | None = None,
    reduction: Convention | None = None,
    library: LibraryName | None = None,
    gradient: Function | None = None,
    rows: int = ROWS,
    name: str | None = None,
    fixed: Mapping[str, object] | None = None,
    item: int | str | None = None,
    pack: bool = False,
) -> Audit:
    """Audit a function that computes a divergence, against the proved closed form at 60 digits.

    Parameters
    ----------
    function
        Takes arrays of parameters: of shape (samples,), or (samples, coordinates) for product laws. Functions that
        want more axes, (samples, channels, height, width), are called so, and those that take one sample at a time, as
        arrays or as floats, too. A class is made an object of first.
    p, q
        The laws, as for `kl_symbolic.derive`: names, with values as in ``"normal(0, s)"``, or objects of libraries.
    args
        The names of the function's arguments in their order: the parameters of the laws that have no value, those of P
        with ``_1`` and of Q with ``_2`` if both have some, or names of your own where the laws have such. Of equal
        parameters it is the first one. By default the order of the closed form: P first.
    param, param_p, param_q
        The parameterisation of both laws, or of each; by default the one whose parameters `args` names.
    where
        What parameters are equal to: ``"mu_2 = 0, sigma_2 = sigma_1"``, or several such texts.
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
    fixed
        Its other arguments by name: anything; ``"0.5[mu]"`` stands for an array of 0.5 in the shape of mu, and
        ``"0.5[1,784]"`` for one in that shape.
    item
        Which entry of a tuple or of a dictionary is the answer, or which attribute of an object.
    pack
        Whether the function takes all parameters in one array, one behind the other along the axis of coordinates.

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
    >>> audit(lambda m, s: m**2 / (2 * s**2), "normal(m, s)", "normal(0, s)").passed
    True
    """
    if not 1 <= rows <= MOST_ROWS:
        raise RequestError(f"rows must be an integer from 1 to {MOST_ROWS}, given: {given(rows)}")
    if rtol is not None and not 0 < rtol < math.inf:
        raise RequestError(f"rtol must be a positive number, given: {rtol!r}")
    found = make_target(p, q, args, param, where, param_p=param_p, param_q=param_q)
    order = tuple(args or found.names)
    way = Way(order, fixed or {}, item, pack, dtype)
    name = name or _name_of(function)
    if isinstance(function, type):
        function = made(function)
    way.require_fit(function)
    run = _Run(found, way, dtype, rtol, rows, name)
    return run.audit(function, gradient, regions, conventions(found.product, reduction), library)


def _name_of(function: Function) -> str:
    return str(getattr(function, "__qualname__", None) or type(function).__name__)


def _called(names: Mapping[str, str]) -> list[str]:
    """Say what we call the arguments that have other names."""
    return [f"{', '.join(names)} stand{'s' * (len(names) == 1)} for {', '.join(names.values())}"] if names else []


class _Run:
    """One audit while it runs: what is known, and the findings so far."""

    def __init__(self, target: Target, way: Way, dtype: Dtype, rtol: float | None, rows: int, name: str) -> None:
        self.target, self.way, self.order, self.dtype, self.rows, self.name = target, way, way.order, dtype, rows, name
        self.eps = float(np.finfo(dtype).eps)
        self.tolerance = TOLERANCE if rtol is None else rtol / self.eps
        self.measured: list[Row] = []
        self.findings: list[Finding] = []
        self.notes: list[str] = _called(target.ours)
        self.checked = 0
        self.apart = target.sides.never_near(dtype)

    def audit(
        self,
        function: Function,
        gradient: Function | None,
        wanted: Sequence[str] | None,
        reductions: Sequence[Reduction],
        library: str | None,
    ) -> Audit:
        picked, others = chosen(wanted, regions(self.target, self.dtype), self.apart)
        probe = draw(self.target, "far", self.dtype, *PROBE)
        try:
            tried = [probe[n] for n in self.order]
            caller, failures = find_caller(function, tried, self.target.product, library, self.way)
        except AnswerError as error:
            self.found("call", str(error))
            return self.report(None, None)
        if caller is None:
            self.found("call", f"it could not be called: {'; '.join(failures)}")
            self.notes.append(advice(function, self.name, self.way).replace("\n", "\n      "))
            return self.report(None, None)
        if caller.layout == "sample":
            self.notes.append("it takes one sample at a time")
            reductions = [r for r in reductions if r.by_sample] or reductions
        if self.target.dim is not None:
            self.notes.append(f"the laws have {self.target.dim} coordinates; it is called with {WIDTH} and fewer")
        if caller.trailing:
            self.notes.append(f"it is called with {caller.shown}")
            probe = draw(self.target, "far", self.dtype, PROBE[0], PROBE[1] * math.prod(caller.trailing))
        diagnosis, wrong = meaning(self.target, caller, self.order, probe, reductions)
        self.findings += wrong
        if diagnosis is None or diagnosis.reduction is None:
            return self.report(caller, None)
        if not diagnosis.right:
            if diagnosis.words is None:
                self.explain(caller, diagnosis.reduction)
            far = draw(self.target, "far", self.dtype, self.rows)
            row = self.measured_at("far", far, caller, diagnosis.reduction)
            if row.worst > self.tolerance:  # else it is wrong in other calls than those that are measured
                self.measured.append(row)
            self.notes.append("other regions were not tried, as the values are wrong")
            return self.report(caller, diagnosis.reduction)
        for names in picked.values():
            self.group(names, caller, diagnosis.reduction)
        if self.apart is not None:
            self.notes.append(self.apart)
        if "gradients" in others:
            self.gradient(caller, gradient, diagnosis.reduction)
        if "shapes" in others:
            self.add(
                shapes.check(caller, self.target, self.order, diagnosis.reduction, self.dtype, diagnosis.tolerance)
            )
        if "edges" in others:
            self.add(edges.check(caller, self.target, self.order, diagnosis.reduction, self.dtype))
        if {finding.kind for finding in self.findings} & GUARDED:
            self.explain(caller, diagnosis.reduction)
        return self.report(caller, diagnosis.reduction)

    def found(self, kind: Kind, sentence: str) -> None:
        self.findings.append(Finding(kind, sentence))

    def add(self, more: tuple[int, list[Finding], list[str]]) -> None:
        checked, wrong, notes = more
        self.checked += checked
        self.findings += wrong
        self.notes += notes

    def explain(self, caller: Caller, reduction: Reduction) -> None:
        """Say first what may be behind the other findings."""
        guard = guards.explanation(caller, self.target, self.order, reduction, self.dtype)
        if guard is not None:
            self.findings.insert(0, Finding("meaning", f"a guard changes its values: {guard}"))

    def measured_at(self, region: str, columns: dict[str, Array], caller: Caller, reduction: Reduction) -> Row:
        answered = answers_of(caller, columns, self.order, reduction)
        return measure(region, columns, self.target.values(columns), answered, reduction, np.finfo(self.dtype))

    def group(self, names: Sequence[str], caller: Caller, reduction: Reduction) -> None:
        rows = []
        for name in names:
            rows.append(self.measured_at(name, draw(self.target, name, self.dtype, self.rows), caller, reduction))
            if rows[-1].unknown:
                self.notes.append(
                    f"{name}: {rows[-1].unknown} points left out, as the closed form has no certain value there"
                )
        self.measured += rows
        self.checked += sum(row.points for row in rows)
        self.findings += findings(rows, self.tolerance)

    def gradient(self, caller: Caller, given: Function | None, reduction: Reduction) -> None:
        if self.target.gradients is None or caller.layout == "sample":
            why = "it takes one sample at a time" if self.target.gradients else "none is derived for this pair"
            self.notes.append(f"gradients were not tried: {why}")
            return
        rows = []
        for name in ("far", "near 1e-4") if self.apart is None else ("far",):
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
