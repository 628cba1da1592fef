"""Numba: plain Python on numbers, and loops over vectors."""

from __future__ import annotations

from kl_symbolic.code.languages.python import RESERVED, STEP, converted, python_function, returned, together
from kl_symbolic.code.notation import COMPARED, OperatorTable
from kl_symbolic.code.printing import TargetLanguage, Written, in_parentheses, summation
from kl_symbolic.code.program import Program

DECORATOR = '@njit(error_model="numpy")\n'


def _head(program: Program) -> str:
    array = "import numpy as np\n" if program.summed and len(program.results) > 1 else ""
    return f"import math\n\n{array}from numba import njit\n"


def _function(code: Written, public: bool) -> str:
    body = [*code.lines, *returned(code.results)]
    if public and code.parameters:
        body = converted(code.parameters, "float") + body
    return DECORATOR + python_function(code.name, code.parameters, code.program.words, body) + "\n"


def _loop(code: Written, coordinate: str) -> str:
    first, *others = code.parameters
    numbers = [f"float({name}[index])" for name in code.parameters]
    value = in_parentheses(f"value = {coordinate}(", numbers, ")", indent=STEP).split("\n")
    body = [f"length = len({first})"]
    if others:
        different = " or ".join(f"len({name}) != length" for name in others)
        body += [f"if {different}:", f'{STEP}raise ValueError("the vectors must have the same length")']
    if len(code.results) == 1:
        body += [
            "total, rest = 0.0, 0.0",
            "for index in range(length):",
            *value,
            *(STEP + line for line in summation("{0} = {1}")),
            "return total + rest if math.isfinite(total) else total",
        ]
    else:
        count = len(code.results)
        body += [
            f"out = np.empty(({count}, length))",
            "for index in range(length):",
            *value,
            *(f"{STEP}out[{k}, index] = value[{k}]" for k in range(count)),
            f"return {together([f'out[{k}]' for k in range(count)])}",
        ]
    return DECORATOR + python_function(code.name, code.parameters, code.program.words, body) + "\n"


NUMBA_LOOPS = TargetLanguage(
    operators=OperatorTable("math.{0}({1})", {"abs": "fabs"}, where="{1} if {0} else {2}", nested=COMPARED),
    assign="{0} = {1}",
    reserved=RESERVED | {"math", "np", "njit", "float", "len", "range"},
    indent=STEP,
    between="\n\n",
    head=_head,
    function=_function,
    loop=_loop,
)
