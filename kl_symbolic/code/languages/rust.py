"""Rust: functions that need the standard library alone."""

from __future__ import annotations

from kl_symbolic.code.languages.python import STEP
from kl_symbolic.code.notation import OperatorTable
from kl_symbolic.code.printing import LOCAL, TargetLanguage, Written, comment, in_parentheses, summation

WORDS = """
    Self abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if
    impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true try type
    typeof unsafe unsized use virtual where while yield f64 vec assert
""".split()  # noqa: SIM905 - a table of words
_ASSIGN = "let {0} = {1};"


def _function(code: Written, public: bool) -> str:
    results, count = code.results, len(code.results)
    value = in_parentheses("[", results, "]") if count > 1 else results[0]
    body = [*(f"let _ = {name};" for name in code.unused), *code.lines, *value.split("\n")]
    result = f"[f64; {count}]" if count > 1 else "f64"
    return _put_together(code, [f"{name}: f64" for name in code.parameters], result, body, public=public)


def _loop(code: Written, coordinate: str) -> str:
    first, *others = code.parameters
    count = len(code.results)
    operands = [f"{name}[index]" for name in code.parameters]
    value = in_parentheses(f"let value = {coordinate}(", operands, ");", indent=STEP).split("\n")
    body = [f"let length = {first}.len();"]
    body += [f'assert!({name}.len() == length, "the vectors must have the same length");' for name in others]
    loop = "for index in 0..length {"
    if count == 1:
        steps = summation(_ASSIGN, ";")
        end = "if total.is_finite() { total + rest } else { total }"
        body += [
            "let (mut total, mut rest) = (0.0_f64, 0.0);",
            loop,
            *value,
            *(STEP + line for line in steps),
            "}",
            end,
        ]
    else:
        rows = ", ".join(["vec![0.0; length]"] * count)
        stored = [f"{STEP}out[{k}][index] = value[{k}];" for k in range(count)]
        body += [f"let mut out = [{rows}];", loop, *value, *stored, "}", "out"]
    result = f"[Vec<f64>; {count}]" if count > 1 else "f64"
    return _put_together(code, [f"{name}: &[f64]" for name in code.parameters], result, body, public=True)


def _put_together(code: Written, parameters: list[str], result: str, body: list[str], *, public: bool) -> str:
    opening = f"{'pub ' if public else ''}fn {code.name}("
    signature = in_parentheses(opening, parameters, f") -> {result} {{")
    lines = [signature, *(STEP + line for line in body), "}", ""]
    if any(name != name.lower() for name in (code.name, *code.parameters)):
        lines.insert(0, "#[allow(non_snake_case)]")
    return "\n".join([comment(code.program.words, "// ", "// ", ""), *lines] if code.program.words else lines)


RUST = TargetLanguage(
    operators=OperatorTable(
        "f64::{0}({1})",
        {"log": "ln", "expm1": "exp_m1", "log1p": "ln_1p"},
        where="if {0} {{ {1} }} else {{ {2} }}",
    ),
    assign=_ASSIGN,
    reserved=LOCAL | set(WORDS),
    indent=STEP,
    head=lambda _: "",
    function=_function,
    loop=_loop,
)
