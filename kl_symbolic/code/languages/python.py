"""What code in Python has in common, whatever it computes with."""

from __future__ import annotations

import keyword
from collections.abc import Sequence

from kl_symbolic.code.printing import LINE_WIDTH, LOCAL, comment, in_parentheses

STEP = " " * 4
RESERVED = frozenset(keyword.kwlist) | LOCAL


def python_function(name: str, parameters: Sequence[str], words: Sequence[str], body: Sequence[str]) -> str:
    """Return a function.

    Examples
    --------
    >>> print(python_function("f", ["x"], ["Return x."], ["return x"]))
    def f(x):
        \"\"\"Return x.\"\"\"
        return x
    """
    lines = [in_parentheses(f"def {name}(", parameters, "):"), *docstring(words), *(STEP + line for line in body)]
    return "\n".join(lines)


def docstring(words: Sequence[str]) -> list[str]:
    """Return a docstring, if there is something to say."""
    if not words:
        return []
    plain = [line.replace("\\", "\\\\").replace('"', "'") for line in words]
    return [comment(plain, f'{STEP}"""', STEP, '"""' if len(plain) == 1 else f'\n{STEP}"""')]


def returned(results: Sequence[str]) -> list[str]:
    """Return the statement that returns a value, or several."""
    if len(results) == 1:
        return [f"return {results[0]}"]
    line = f"return {', '.join(results)}"
    if len(line) < LINE_WIDTH - len(STEP):
        return [line]
    return ["return (", *(f"{STEP}{one}," for one in results), ")"]


def converted(names: Sequence[str], kind: str) -> list[str]:
    """Return statements that make arguments numbers of a kind.

    >>> converted(["x", "y"], "float")
    ['x, y = float(x), float(y)']
    """
    line = f"{', '.join(names)} = {', '.join(f'{kind}({name})' for name in names)}"
    return [line] if len(line) < LINE_WIDTH - len(STEP) else [f"{name} = {kind}({name})" for name in names]


def together(names: Sequence[str]) -> str:
    """Return names as the target of an assignment of several values: ``a, b`` and ``a,``."""
    return ", ".join(names) + ("," if len(names) == 1 else "")
