"""JavaScript: an ES module."""

from __future__ import annotations

from kl_symbolic.code.notation import COMPARED, OperatorTable
from kl_symbolic.code.printing import LOCAL, TargetLanguage, Written, comment, in_parentheses, summation

WORDS = """
    Array Float64Array Infinity Math NaN Number RangeError arguments async await break case catch class const continue
    debugger default delete do else enum eval export extends false finally for function if implements import in
    instanceof interface let new null of package private protected public return static super switch this throw true try
    typeof undefined var void while with yield
""".split()  # noqa: SIM905 - a table of words
TWO = " " * 2
_ASSIGN = "const {0} = {1};"


def _function(code: Written, public: bool) -> str:
    results = code.results
    value = in_parentheses("return [", results, "];", last=",") if len(results) > 1 else f"return {results[0]};"
    return _put_together(code, [*code.lines, *value.split("\n")], public=public)


def _loop(code: Written, coordinate: str) -> str:
    first, *others = code.parameters
    count = len(code.results)
    operands = [f"{name}[index]" for name in code.parameters]
    value = in_parentheses(f"const value = {coordinate}(", operands, ");", indent=TWO).split("\n")
    body = [f"const length = {first}.length;"]
    if others:
        lengths = ", ".join(f"{name}.length" for name in others)
        body += [
            f"if ([{lengths}].some((other) => other !== length)) {{",
            TWO + 'throw new RangeError("the vectors must have the same length");',
            "}",
        ]
    loop = "for (let index = 0; index < length; index++) {"
    if count == 1:
        steps = summation(_ASSIGN, ";")
        end = "return Number.isFinite(total) ? total + rest : total;"
        body += ["let total = 0.0, rest = 0.0;", loop, *value, *(TWO + line for line in steps), "}", end]
    else:
        made = f"const out = Array.from({{ length: {count} }}, () => new Float64Array(length));"
        stored = [f"{TWO}out[{k}][index] = value[{k}];" for k in range(count)]
        body += [made, loop, *value, *stored, "}", "return out;"]
    return _put_together(code, body, public=True)


def _put_together(code: Written, body: list[str], *, public: bool) -> str:
    words = [line.replace("*/", "* /") for line in code.program.words]
    export = "export " if public else ""
    signature = in_parentheses(f"{export}function {code.name}(", code.parameters, ") {")
    lines = [signature, *(TWO + line for line in body), "}", ""]
    return "\n".join([comment(words, "/** ", " * ", " */"), *lines] if words else lines)


JAVASCRIPT = TargetLanguage(
    operators=OperatorTable("Math.{0}({1})", where="{0} ? {1} : {2}", nested=COMPARED),
    assign=_ASSIGN,
    reserved=LOCAL | set(WORDS),
    indent=TWO,
    head=lambda _: "",
    function=_function,
    loop=_loop,
)
