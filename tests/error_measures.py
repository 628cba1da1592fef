"""Programs beside exact values: points, what is computed there, and by how much it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import mpmath
import numpy as np

from kl_symbolic.code.arrays import Interpreter
from kl_symbolic.code.error_bound import error_bounds
from kl_symbolic.code.operations import Operation
from kl_symbolic.code.program import Program
from kl_symbolic.code.stated_domain import stated_interval
from kl_symbolic.code.trace import Tracer
from kl_symbolic.engine import derive
from kl_symbolic.families import Parameter
from kl_symbolic.numbers import Arithmetic, evaluate
from kl_symbolic.proof.parameters import parameter_records
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import Term

DIGITS = 130  # of which near-equal laws cost 30, and very different ones as many
ARITHMETIC_OPERATIONS = Arithmetic(
    number=lambda value: mpmath.mpf(value.numerator) / value.denominator,
    function=lambda record: (
        getattr(mpmath, record.names["mpmath"]) if record.domains else lambda: +getattr(mpmath, record.names["mpmath"])
    ),
)


@dataclass(frozen=True)
class Traced:
    """A question with its parameters, and the program of its answer."""

    question: Question
    parameters: dict[Term, Parameter]
    program: Program

    @property
    def within(self):
        return {symbol.name: stated_interval(record) for symbol, record in self.parameters.items()}

    @property
    def bounds(self):
        return error_bounds(self.program, self.within)


@cache
def traced(question: Question) -> Traced:
    """Return the answer to a question as a program."""
    parameters = dict(zip(laws(question).parameters, parameter_records(question), strict=True))
    names = {symbol: symbol.name for symbol in parameters}
    right = derive(question).statement.right
    parts = right.args if right.head == "Vector" else (right,)
    tracer = Tracer(names)
    return Traced(question, parameters, Program("f", tuple(names.values()), tuple(map(tracer.node, parts))))


def exact_values(question: Question, points: dict[str, np.ndarray]) -> list[list[mpmath.mpf]]:
    """Return the values of the answer to a question at points, for each of its parts, to many digits."""
    right = derive(question).statement.right
    parts = right.args if right.head == "Vector" else (right,)
    symbols = laws(question).parameters
    found = [[] for _ in parts]
    with mpmath.workdps(DIGITS):
        for row in zip(*(points[symbol.name] for symbol in symbols), strict=True):
            known: dict = {}
            values = dict(zip(symbols, (mpmath.mpf(float(value)) for value in row), strict=True))
            for part, own in zip(parts, found, strict=True):
                own.append(evaluate(part, values, ARITHMETIC_OPERATIONS, known))
    return found


def points(case: Traced, count: int, dtype: type, seed: int) -> dict[str, np.ndarray]:
    """Return points of three kinds: ordinary ones, any in the stated domain and at its ends, and near-equal laws."""
    rng = np.random.default_rng(seed)
    drawn = {"ordinary": {}, "any": {}}
    for symbol, record in case.parameters.items():
        low, high = map(float, record.typical)
        drawn["ordinary"][symbol.name] = rng.uniform(low, high, count)
        interval = case.within[symbol.name]
        if record.domain.positive:
            some = np.exp(rng.uniform(np.log(interval.low), np.log(interval.high), count))
        elif record.logarithm:
            some = rng.uniform(interval.low, interval.high, count)
        else:
            some = rng.choice([-1, 0, 1], count, p=[0.4, 0.2, 0.4]) * 10 ** rng.uniform(-6, 6, count)
        ends = rng.choice([interval.low, interval.high], count)
        drawn["any"][symbol.name] = np.where(rng.random(count) < 0.1, ends, some)
    near = [_near(case, kind, rng, count) for kind in drawn.values()]
    every = {
        name: np.concatenate([one[name] for one in (*drawn.values(), *near)]).astype(dtype) for name in case.within
    }
    single = np.float32  # the ends of the domain, rounded, are in it
    return {
        name: np.clip(
            values, *(np.nextafter(single(end), single(0)) for end in (case.within[name].low, case.within[name].high))
        )
        for name, values in every.items()
    }


def _near(case: Traced, kind: dict[str, np.ndarray], rng: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    """Return points at which Q is nearly P: a gamma law with shape 1 is an exponential one."""

    def change():
        return rng.choice([-1, 0, 1], count, p=[0.45, 0.1, 0.45]) * 10 ** rng.uniform(-16, -1, count)

    found = dict(kind)
    if case.question.p == case.question.q:
        for name in found:
            if name.endswith("_2"):
                found[name] = found[name[:-1] + "1"] * (1 + change())
        return found
    (rate,) = (name for name in found if name.startswith("lambda"))
    (shape,) = (name for name in found if name.startswith("alpha"))
    (other,) = (name for name in found if name not in (rate, shape))
    found[shape] = 1 + change()
    equal = found[rate] if other.startswith("beta") else 1 / found[rate]
    found[other] = equal * (1 + change())
    return found


def largest_parts(program: Program, within, arguments, node: Operation) -> np.ndarray:
    """Return what a bound of the largest part is relative to: of a sum without a bound of its own, the larger part."""

    def value(one):
        return abs(Interpreter(np, np.dtype(np.float64)).run(Program("part", program.arguments, (one,)), arguments)[0])

    def size(one):
        match one:
            case Operation("add" | "sub", (a, b)) if np.isinf(error_bounds(Program("part", (), (one,)), within)[0].eps):
                return np.maximum(size(a), size(b))
            case Operation("mul", (a, b)):
                return size(a) * size(b)
            case Operation("div", (a, b)):
                return size(a) / value(b)
            case Operation("neg" | "abs", (a,)):
                return size(a)
        return value(one)

    return size(node)


def worst_error(computed: np.ndarray, exact: list, sizes: np.ndarray | None, dtype: type) -> float:
    """Return the largest error in eps, relative to the exact value or to given sizes; what underflows may be wrong.

    An exact value is 0 but for the digits that are carried.
    """
    limits = np.finfo(dtype)
    worst = 0.0
    with mpmath.workdps(DIGITS):
        for k, (value, right) in enumerate(zip(computed, exact, strict=True)):
            if not np.isfinite(value):
                return np.inf
            error = abs(mpmath.mpf(float(value)) - right) - max(float(limits.smallest_normal), 1e-90)
            size = abs(right) if sizes is None else mpmath.mpf(float(sizes[k]))
            if error > 0:
                worst = max(worst, float(error / size / float(limits.eps)) if size else np.inf)
    return worst
