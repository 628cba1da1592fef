"""Loops over arrays for Numba: plain Python that its compiler makes loops over vectors of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.code.languages.python import RESERVED, STEP, python_function, returned
from kl_symbolic.code.notation import ADDED, OperatorTable, Piece, literal
from kl_symbolic.code.operations import Operation, operations_of
from kl_symbolic.code.printing import TargetLanguage, in_parentheses, statements
from kl_symbolic.code.program import Program, program_of
from kl_symbolic.code.vectors import FloatName, written_out

SEGMENT = 2048  # numbers whose terms wait in the processor's cache to be added up


@dataclass(frozen=True)
class _Layout:
    """How the numbers of a dtype are stored.

    Parameters
    ----------
    word
        The number of bits.
    bits
        The number of those after the point.
    bias
        What is added to the exponents.
    least
        The root of 1/2 as an integer.
    splitter
        What splits a number into halves.
    """

    word: int
    bits: int
    bias: int
    least: int
    splitter: float

    @property
    def greatest(self) -> float:
        """The greatest number."""
        return (2.0 - 0.5**self.bits) * 2.0**self.bias


LAYOUT = {
    "float64": _Layout(64, 52, 1023, 0x3FE6A09E667F3BCD, 2.0**27 + 1),
    "float32": _Layout(32, 23, 127, 0x3F3504F3, 2.0**12 + 1),
}

_HEAD = '''"""Values of {name} in {dtype}, for Numba."""

import math

import numpy as np
from numba import njit

FUNCTION = {{"error_model": "numpy", "nogil": True}}
INLINE = {{"error_model": "numpy", "forceinline": True}}

infinity = np.{dtype}(np.inf)
BITS = np.uint{word}({bits})  # of a number after the point
FRACTION = np.uint{word}({fraction:#x})  # where they are
LEAST = np.uint{word}({least:#x})  # the root of 1/2
TO_ONE = np.uint{word}({to_one:#x})  # what makes that 1
WHOLE = np.uint{word}({whole:#x})  # 2^{bits}: its last bits are those of a whole number
BIASED_WHOLE = np.{dtype}({biased_whole!r})
BIASED_SHIFT = np.{dtype}({biased_shift!r})  # plus k: its last bits are those of the exponent of 2^k


@njit(**INLINE)
def where(condition, then, otherwise):
    return then if condition else otherwise


@njit(**INLINE)
def power_of_two(k, more):
    return np.uint{word}(np.{dtype}(k + (more + BIASED_SHIFT)).view(np.uint{word}) << BITS).view(np.{dtype})


@njit(**INLINE)
def exponent(x):
    biased = np.uint{word}(np.uint{word}(np.{dtype}(x).view(np.uint{word}) + TO_ONE) >> BITS)
    return np.uint{word}(biased | WHOLE).view(np.{dtype}) - BIASED_WHOLE


@njit(**INLINE)
def mantissa(x):
    fraction = np.uint{word}(np.uint{word}(np.{dtype}(x).view(np.uint{word}) + TO_ONE) & FRACTION)
    return np.uint{word}(fraction + LEAST).view(np.{dtype})
'''

_ELEMENTS = """
@njit(**FUNCTION)
def elements({arrays}, {results}):
    outside = np.int{word}(0)
    for j in range(len({first})):
        {targets} = term({numbers})
        outside = np.int{word}(outside + is_outside({numbers}))
    return outside
"""

_ROWS = '''
@njit(error_model="numpy", fastmath={{"reassoc"}})
def added(terms):
    total = 0.0
    for j in range(len(terms)):
        total += terms[j]
    return total


@njit(**FUNCTION)
def rows({arrays}, sums{further}):
    """Take several short rows, or a part of a long one, at a time."""
    count, length = {first}.shape
    width = max(1, min(length, {segment}))
    step = {segment} // width
    terms = np.empty(step * width, np.{dtype})
    outside = 0
    sums[:] = 0.0
    rests = np.zeros(step)  # what the rounding of the sums of long rows has lost
    for row in range(0, count, step):
        totals = sums[row : row + step]
        rests[:] = 0.0
        for begin in range(0, length, width):
            n = min(width, length - begin)
            some = terms[: len(totals) * n]
            start = row * length + begin
            end = start + len(some)
{call}
            for i in range(len(totals)):
                value = added(some[i * n : i * n + n])
                total = totals[i] + value
                part = total - totals[i]
                rests[i] += (totals[i] - (total - part)) + (value - part)
                totals[i] = total
        for i in range(len(totals)):
            totals[i] += rests[i] if math.isfinite(totals[i]) else 0.0
    return outside
'''


def loops_source(program: Program, dtype: FloatName, within: Mapping[str, FloatInterval]) -> str:
    """Return a Python module with two functions for Numba, `elements` and `rows`.

    ``elements(a..., t...)`` takes contiguous arrays of one axis and of one length below 2^31, the arguments and a place
    for each result. ``rows(a..., sums, g...)`` takes contiguous arrays of two axes, a float64 array of one axis for the
    sums of the first result over the rows, and arrays of two axes for the other results. Both return of how many
    elements an argument is not finite, or not where it should be.

    Parameters
    ----------
    program
        What is computed of each element, or of each coordinate if it adds up coordinates.
    dtype
        That of the arrays.
    within
        Where each argument should lie, by name; anywhere, if it is absent.

    Examples
    --------
    >>> from kl_symbolic.code.operations import argument
    >>> source = loops_source(Program("twice", ("x",), (2 * argument("x"),)), "float64", {"x": FloatInterval(0, 1)})
    >>> print(source[source.index("def term") : source.index("@njit(error_model")].strip())
    def term(x):
        return 2.0*x
    <BLANKLINE>
    <BLANKLINE>
    @njit(**INLINE)
    def is_outside(x):
        inside = (0.0 <= x) & (x <= 1.0)
        return np.int64(0) if inside else np.int64(1)
    <BLANKLINE>
    <BLANKLINE>
    @njit(**FUNCTION)
    def elements(all_x, value_0):
        outside = np.int64(0)
        for j in range(len(all_x)):
            value_0[j] = term(all_x[j])
            outside = np.int64(outside + is_outside(all_x[j]))
        return outside
    """
    term = written_out(replace(program, name="term", summed=False, words=()), dtype)
    language, layout = _language(dtype), LAYOUT[dtype]
    names = statements(term, language).parameters
    arrays, results = [f"all_{name}" for name in names], [f"value_{k}" for k in range(len(term.results))]
    parts = [f"{name}.reshape(-1)[start:end]" for name in (*arrays, *results[1:])]
    fields = {
        "dtype": dtype,
        "word": layout.word,
        "first": arrays[0],
        "arrays": ", ".join(arrays),
        "results": ", ".join(results),
        "further": "".join(f", {name}" for name in results[1:]),
        "numbers": ", ".join(f"{name}[j]" for name in arrays),
        "targets": ", ".join(f"{name}[j]" for name in results),
        "segment": SEGMENT,
        "call": in_parentheses(
            "outside += elements(", [*parts[: len(arrays)], "some", *parts[len(arrays) :]], ")", indent=3 * STEP
        ),
    }
    return "\n".join(
        [
            _head(program.name, dtype),
            *(_function(helper, language, "FUNCTION") for helper in _helpers(term, dtype)),
            _function(term, language, "INLINE"),
            _outside(dict(zip(program.arguments, names, strict=True)), within, dtype),
            _ELEMENTS.format(**fields),
            _ROWS.format(**fields),
        ]
    )


def _head(name: str, dtype: FloatName) -> str:
    layout = LAYOUT[dtype]
    bits, bias = layout.bits, layout.bias
    return _HEAD.format(
        name=name,
        dtype=dtype,
        word=layout.word,
        bits=bits,
        fraction=2**bits - 1,
        least=layout.least,
        to_one=(bias << bits) - layout.least,
        whole=(bias + bits) << bits,
        biased_whole=float(2**bits + bias),
        biased_shift=1.5 * 2**bits + bias,
    )


def _helpers(program: Program, dtype: FloatName) -> list[Program]:
    """Return the functions that are called, each after those that it calls itself."""
    found: dict[str, Program] = {}

    def visit(results: tuple[Operation, ...]) -> None:
        for node in operations_of(*results):
            if node.kind == "call" and node.args and node.label not in found:
                helper = written_out(program_of(str(node.label)), dtype)
                visit(helper.results)
                found[helper.name] = helper

    visit(program.results)
    return list(found.values())


def _function(program: Program, language: TargetLanguage, options: str) -> str:
    code = statements(program, language)
    body = [*code.lines, *returned(code.results)]
    return f"\n@njit(**{options})\n{python_function(code.name, code.parameters, program.words, body)}\n"


def _outside(names: Mapping[str, str], within: Mapping[str, FloatInterval], dtype: FloatName) -> str:
    """Return the function that says whether an argument is not where it should be; that it is NaN counts, too."""
    number, greatest = _language(dtype).number, LAYOUT[dtype].greatest
    body: list[str] = []
    for argument, name in names.items():
        interval = within.get(argument, FloatInterval())
        low, high = (number(Fraction(max(-greatest, min(end, greatest)))).text for end in (interval.low, interval.high))
        before = "inside & " if body else ""
        body.append(f"inside = {before}({low} <= {name}) & ({name} <= {high})")
    integer = f"np.int{LAYOUT[dtype].word}"
    body.append(f"return {integer}(0) if inside else {integer}(1)")
    return f"\n@njit(**INLINE)\n{python_function('is_outside', list(names.values()), (), body)}\n"


def _single(value: Fraction) -> Piece:
    """Return a number of 32 bits: one of Python would make all that it meets one of 64."""
    size = f"np.float32({literal(abs(value)).text})"
    return Piece(f"-{size}", ADDED, size) if value < 0 else Piece(size)


def _language(dtype: FloatName) -> TargetLanguage:
    number = literal if dtype == "float64" else _single
    return TargetLanguage(
        operators=OperatorTable(names={"sqrt": "math.sqrt", "round": "np.rint"}),
        assign="{0} = {1}",
        reserved=RESERVED | {"math", "np", "njit", "where", "infinity", "power_of_two", "exponent", "mantissa", "abs"},
        indent=STEP,
        head=lambda _: "",
        function=lambda code, _: code.name,
        loop=lambda code, _: code.name,
        splitter=lambda _: number(Fraction(LAYOUT[dtype].splitter)).text,
        library=frozenset(),
        number=number,
    )
