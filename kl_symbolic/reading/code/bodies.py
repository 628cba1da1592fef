"""The bodies of functions and blocks in code: which statements matter."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

NOT_READ = {
    ast.For: "a for loop", ast.AsyncFor: "a for loop", ast.While: "a while loop", ast.If: "an if statement",
    ast.Try: "a try statement", ast.Match: "a match statement", ast.AsyncFunctionDef: "an async function",
    ast.TryStar: "a try statement", ast.AsyncWith: "an async block",
}  # fmt: skip
WITHOUT_VALUE = (ast.Import, ast.ImportFrom, ast.Assert, ast.Pass, ast.Global, ast.Nonlocal, ast.Delete, ast.Raise)
# Calls that stand alone for what they do, not for a value.
EFFECTS = frozenset(
    """
    print println printf fprintf cat disp display append backward step zero_grad add_loss add_metric add_scalar
    add_to_collection write info debug warn update show plot library require set_seed manual_seed register_kl
    """.split()  # noqa: SIM905
)


def functions_apart(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Return statements with those of classes among them."""
    made: list[ast.stmt] = []
    left = list(reversed(body))
    while left:
        one = left.pop()
        if isinstance(one, ast.ClassDef):
            left += [part for part in reversed(one.body) if isinstance(part, ast.FunctionDef | ast.ClassDef)]
        else:
            made.append(one)
    return made


def straight(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements, those in ``with`` too; an ``if`` that only guards is passed over."""
    left = list(reversed(body))
    while left:
        one = left.pop()
        if isinstance(one, ast.With):
            left += reversed(one.body)
            for item in one.items:
                if item.optional_vars is not None:
                    yield ast.Assign([item.optional_vars], item.context_expr)
        elif not (
            isinstance(one, ast.If) and all(isinstance(part, WITHOUT_VALUE) for part in (*one.body, *one.orelse))
        ):
            yield one


def returns(body: Sequence[ast.stmt]) -> bool:
    """Whether statements return a value."""
    return any(isinstance(part, ast.Return) and part.value is not None for one in body for part in ast.walk(one))


def own_functions(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names of functions that code makes: by def, or as another name of one that it imports."""
    made: set[str] = set()
    for statement in body:
        for one in ast.walk(statement):
            if isinstance(one, ast.FunctionDef):
                made.add(one.name)
            elif isinstance(one, ast.ImportFrom):
                made |= {alias.asname for alias in one.names if alias.asname not in (None, alias.name)}
    return made


def imports(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield each name that code imports, and the package from which it comes; of all names of one, a star."""
    for statement in body:
        for one in ast.walk(statement):
            if isinstance(one, ast.Import):
                yield from ((alias.asname or alias.name.partition(".")[0], alias.name) for alias in one.names)
            elif isinstance(one, ast.ImportFrom):
                package = "." * one.level + (one.module or "")
                yield from ((alias.asname or alias.name, package) for alias in one.names)
