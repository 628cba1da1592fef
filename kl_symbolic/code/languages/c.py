"""C99: one file that compiles alone."""

from __future__ import annotations

from kl_symbolic.code.languages.python import STEP
from kl_symbolic.code.notation import COMPARED, OperatorTable
from kl_symbolic.code.printing import LOCAL, TargetLanguage, Written, comment, in_parentheses, summation
from kl_symbolic.code.program import Program

# What could not stand there in C, in C++ or beside the functions of math.h.
WORDS = """
    auto bool break case char class const continue default delete do double else enum extern false float for friend goto
    if inline int long namespace new operator private protected public register restrict return short signed sizeof
    static struct switch template this throw true try typedef typename union unsigned using virtual void volatile while
    abs erf erfc exp expm1 fabs gamma isfinite j0 j1 jn lgamma log log1p main pow signgam size_t sqrt tgamma y0 y1 yn
""".split()  # noqa: SIM905 - a table of words

HEAD = """\
#include <float.h>
#include <math.h>{more}

/* The bounds of errors hold where each operation is rounded once, to a double. */
#if defined(__FAST_MATH__)
#error "compile without -ffast-math"
#endif
#if FLT_EVAL_METHOD == 2 || FLT_EVAL_METHOD < 0
#error "compile for arithmetic in double precision, such as that of SSE2"
#endif
#if defined(__clang__) || !defined(__GNUC__)
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("fp-contract=off")
#endif
"""


def _head(program: Program) -> str:
    return HEAD.format(more="\n#include <stddef.h>" if program.summed else "")


def _function(code: Written, public: bool) -> str:
    several = len(code.results) > 1
    parameters = [f"double {name}" for name in code.parameters]
    body = [*(f"(void){name};" for name in code.unused), *code.lines]
    if several:
        parameters.append(f"double out[{len(code.results)}]")
        body += [f"out[{k}] = {result};" for k, result in enumerate(code.results)]
    else:
        body.append(f"return {code.results[0]};")
    opening = f"{'' if public else 'static '}{'void' if several else 'double'} {code.name}("
    return _put_together(code, in_parentheses(opening, parameters or ["void"], ")", last=""), body)


def _loop(code: Written, coordinate: str) -> str:
    count = len(code.results)
    operands = [f"{name}[index]" for name in code.parameters]
    parameters = ["size_t length", *(f"const double *{name}" for name in code.parameters)]
    loop = "for (size_t index = 0; index < length; index++) {"
    if count == 1:
        body = [
            "double total = 0.0, rest = 0.0;",
            loop,
            *in_parentheses(f"const double value = {coordinate}(", operands, ");", indent=STEP, last="").split("\n"),
            *(STEP + line for line in summation(_ASSIGN, ";")),
            "}",
            "return isfinite(total) ? total + rest : total;",
        ]
        opening = f"double {code.name}("
    else:
        parameters.append("double *out")
        body = [
            loop,
            f"{STEP}double value[{count}];",
            *in_parentheses(f"{coordinate}(", [*operands, "value"], ");", indent=STEP, last="").split("\n"),
            *(f"{STEP}out[{k} * length + index] = value[{k}];" for k in range(count)),
            "}",
        ]
        opening = f"void {code.name}("
    return _put_together(code, in_parentheses(opening, parameters, ")", last=""), body, _layout(count))


def _layout(count: int) -> tuple[str, ...]:
    if count == 1:
        return ("length: how many coordinates there are.",)
    return (f"length: how many coordinates there are; out: {count} rows of so many.",)


def _put_together(code: Written, signature: str, body: list[str], more: tuple[str, ...] = ()) -> str:
    words = [line.replace("*/", "* /").replace("/*", "/ *") for line in (*code.program.words, *more)]
    lines = [signature, "{", *(STEP + line for line in body), "}", ""]
    return "\n".join([comment(words, "/* ", " * ", " */"), *lines] if words else lines)


_ASSIGN = "const double {0} = {1};"

C = TargetLanguage(
    operators=OperatorTable(names={"abs": "fabs"}, where="{0} ? {1} : {2}", nested=COMPARED),
    assign=_ASSIGN,
    reserved=LOCAL | set(WORDS),
    indent=STEP,
    head=_head,
    function=_function,
    loop=_loop,
)
