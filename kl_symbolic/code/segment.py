"""Taylor's formula as a program: an integral along the segment from P to Q, by a quadrature written out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kl_symbolic.code.operations import Operation, constant
from kl_symbolic.code.program import WRITER
from kl_symbolic.code.trace import Tracer
from kl_symbolic.proof.segment import TaylorForm, distances_from_ends
from kl_symbolic.terms import Number, Term, substitute

# The Gauss-Jacobi rule for integrals of (1 - t) f(t) over (0, 1): t = (1 + x)/2 with x the roots of the polynomial
# P_20^(1, 0), NIST Digital Library of Mathematical Functions, section 3.5(v). A test works them out again.
ABSCISSAE = (
    0.003276106669050099, 0.017181218145255715, 0.041871431117765194, 0.07680083708962197, 0.12118986732367606,
    0.17404711263554218, 0.2341918863135922, 0.30028067683595017, 0.3708371805843969, 0.4442852869630112,
    0.5189842887035737, 0.5932655334835065, 0.6654696989055137, 0.7339838582356595, 0.7972775083365947,
    0.8539367530358905, 0.9026958717934537, 0.9424655423631864, 0.9723569466474369, 0.9916999557929327,
)  # fmt: skip
WEIGHTS = (
    0.008370844176272556, 0.019034969463701666, 0.028668237379130598, 0.03675023983664786, 0.0428902958379782,
    0.04684169186255783, 0.04851610505985409, 0.047985461609943915, 0.045470588941353474, 0.04131770681666574,
    0.03596491915386275, 0.029901741842629014, 0.023625296173548894, 0.017597066879206015, 0.012204046126680104,
    0.007727667930051463, 0.004323219112690153, 0.002011457613964078, 0.0006830622760859219, 0.00011538190717568529,
)  # fmt: skip
# As a function of t, what is integrated has its poles where a parameter reaches the end of its domain. If the distances
# of P and Q from there have a ratio of at most 4, the error of the rule falls as 3^-40. The values at the points could
# not tell, for a pole hides behind a large polynomial; but they show how much cancels, and other poles.
LARGEST_RATIO = 4
MOST_VARIATION = 16


def segment_value(
    form: TaylorForm, tracer: Tracer, p: Sequence[Term], q: Sequence[Term], closed: Operation, unit: Operation
) -> Operation:
    """Return the integral where the quadrature is good, else the closed form.

    Parameters
    ----------
    form
        The second derivatives.
    tracer
        What writes the parameters down.
    p, q
        The parameters of both laws, in the order of the form.
    closed
        The closed form.
    unit
        Its unit in nats.

    Returns
    -------
    Operation
        What is never negative, and 0 where all differences are 0.
    """
    first = [tracer.node(a) for a in p]
    differences = [tracer.difference(b, a) for a, b in zip(p, q, strict=True)]
    heights = [_height(form, t, first, differences) for t in ABSCISSAE]
    integral = sum((w * f for w, f in zip(WEIGHTS, heights, strict=True)), start=constant(0)) / unit
    least = _in_pairs(lambda a, b: WRITER.where(b < a, b, a), heights)
    largest = _in_pairs(lambda a, b: WRITER.where(a < b, b, a), heights)
    otherwise = WRITER.where(closed < 0, 0, closed)
    # The condition says too that no height is negative.
    value = WRITER.where(largest <= MOST_VARIATION * least, integral, otherwise)
    for near, far in _distances(form, tracer, p, q):
        value = WRITER.where(
            far <= LARGEST_RATIO * near, WRITER.where(near <= LARGEST_RATIO * far, value, otherwise), otherwise
        )
    return value


def _distances(
    form: TaylorForm, tracer: Tracer, p: Sequence[Term], q: Sequence[Term]
) -> Iterator[tuple[Operation, Operation]]:
    """Yield the distances of the parameters of P and of Q from the ends of their domains."""
    laws = (dict(zip(form.first, p, strict=True)), dict(zip(form.second, q, strict=True)))
    for pair in zip(form.first, form.second, strict=True):
        for ends in zip(*map(distances_from_ends, pair), strict=True):
            near, far = (tracer.node(substitute(end, law)) for end, law in zip(ends, laws, strict=True))
            if near is not far:
                yield near, far


def _height(form: TaylorForm, t: float, first: Sequence[Operation], differences: Sequence[Operation]) -> Operation:
    """Return D' H D at a point of the segment."""
    values = dict(zip(form.first, first, strict=True))
    for b, start, gap in zip(form.second, first, differences, strict=True):
        values[b] = t * gap if b in form.differences else start + t * gap
    tracer = Tracer({}, values)
    height = constant(0)
    for row, (entries, gap) in enumerate(zip(form.hessian, differences, strict=True)):
        for column, (entry, other) in enumerate(zip(entries, differences, strict=False)):
            if entry is not Number(0) and constant(0) not in (gap, other):
                # one after the other: their product may be too small, or too large
                height = height + tracer.node(entry) * (gap if row == column else 2 * gap) * other
    return height


def _in_pairs(choose: Callable[[Operation, Operation], Operation], values: Sequence[Operation]) -> Operation:
    """Return what is left if one of each two values is chosen, over and over: a tree, not a chain, of choices.

    Examples
    --------
    >>> _in_pairs(lambda a, b: a - b, [constant(k) for k in (7, 1, 2)])
    8.0
    """
    half = len(values) // 2
    return choose(_in_pairs(choose, values[:half]), _in_pairs(choose, values[half:])) if half else values[0]
