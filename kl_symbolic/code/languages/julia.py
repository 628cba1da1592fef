"""Julia: functions of Float64."""

from __future__ import annotations

from kl_symbolic.code.languages.python import STEP, converted, returned
from kl_symbolic.code.notation import COMPARED, OperatorTable
from kl_symbolic.code.printing import LOCAL, TargetLanguage, Written, comment, in_parentheses, summation

WORDS = """
    Float64 Inf NaN Real Tuple abstract abs baremodule begin break catch const continue do eachindex else elseif end exp
    expm1 export false finally for function global if im import in isa isfinite let local log log1p macro module mutable
    pi primitive quote return sqrt struct true try type using where while
""".split()  # noqa: SIM905 - a table of words
_ASSIGN = "{0} = {1}"


def _function(code: Written, public: bool) -> str:
    body = [*code.lines, *returned(code.results)]
    kind = "Real" if public else "Float64"
    if public and code.parameters:
        body = converted(code.parameters, "Float64") + body
    return _put_together(code, [f"{name}::{kind}" for name in code.parameters], body)


def _loop(code: Written, coordinate: str) -> str:
    count = len(code.results)
    operands = [f"Float64({name}[index])" for name in code.parameters]
    loop = f"for index in eachindex({', '.join(code.parameters)})"
    if count == 1:
        body = [
            "total, rest = 0.0, 0.0",
            loop,
            *in_parentheses(f"value = {coordinate}(", operands, ")", indent=STEP).split("\n"),
            *(STEP + line for line in summation(_ASSIGN)),
            "end",
            "return isfinite(total) ? total + rest : total",
        ]
    else:
        value = in_parentheses(f"{coordinate}(", operands, ")", indent=STEP).split("\n")
        body = [
            "out = [",
            *value,
            f"{STEP}{loop}",
            "]",
            f"return Tuple([value[k] for value in out] for k in 1:{count})",
        ]
    return _put_together(code, [f"{name}::AbstractVector{{<:Real}}" for name in code.parameters], body)


def _put_together(code: Written, parameters: list[str], body: list[str]) -> str:
    lines = [in_parentheses(f"function {code.name}(", parameters, ")")]
    lines += [*(STEP + line for line in body), "end", ""]
    if code.program.words:
        words = [line.replace("\\", "\\\\").replace('"', "'").replace("$", r"\$") for line in code.program.words]
        lines.insert(0, comment(words, '"""\n', "", '\n"""'))
    return "\n".join(lines)


JULIA = TargetLanguage(
    operators=OperatorTable(where="{0} ? {1} : {2}", nested=COMPARED),
    assign=_ASSIGN,
    reserved=LOCAL | set(WORDS),
    indent=STEP,
    head=lambda _: "",
    function=_function,
    loop=_loop,
)
