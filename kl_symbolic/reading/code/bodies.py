"""The bodies of functions and blocks in code: which statements matter."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

ALONE = "; paste the formula alone"
LOOP = "a for loop; write what it adds as a sum over the coordinates, sum(...)"
NOT_READ = {
    ast.For: LOOP, ast.AsyncFor: LOOP, ast.While: f"a while loop{ALONE}", ast.If: f"an if statement{ALONE}",
    ast.Try: f"a try statement{ALONE}", ast.Match: f"a match statement{ALONE}", ast.TryStar: f"a try statement{ALONE}",
    ast.AsyncFunctionDef: f"an async function{ALONE}", ast.AsyncWith: f"an async block{ALONE}",
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
    """Return statements with those of classes among them; a lambda as the last value is a function."""
    made: list[ast.stmt] = []
    left = list(reversed(body))
    while left:
        one = left.pop()
        if isinstance(one, ast.ClassDef):
            left += [part for part in reversed(one.body) if isinstance(part, ast.FunctionDef | ast.ClassDef)]
        else:
            made.append(one)
    for at in reversed(range(len(made))):
        one = made[at]
        effect = isinstance(one, ast.Expr) and isinstance(one.value, ast.Call | ast.Constant)
        if not effect and not isinstance(one, WITHOUT_VALUE):
            return [*made[:at], _named(one), *made[at + 1 :]]
    return made


def _named(one: ast.stmt) -> ast.stmt:
    """Return ``f = lambda x: ...`` as the function of one line that it is."""
    match one:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(args=args, body=value)):
            return ast.FunctionDef(name=name, args=args, body=[ast.Return(value)], decorator_list=[])
        case ast.Expr(value=ast.Lambda(args=args, body=value)) if args.args:
            return ast.FunctionDef(name="", args=args, body=[ast.Return(value)], decorator_list=[])
    return one


def passed_over(loop: ast.For) -> set[str] | None:
    """Return the names that a loop gives values, if it does nothing but look at others."""
    names: set[str] = set()
    for part in (one for each in [loop.target, loop.iter, *loop.body, *loop.orelse] for one in ast.walk(each)):
        match part:
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.Assign(targets=[ast.Name()], value=ast.Name() | ast.Constant()) | ast.If() | ast.Break():
                pass
            case ast.Call(func=ast.Name()) | ast.Assert() | ast.Pass() | ast.Continue():
                pass
            case ast.Call() | ast.stmt():
                return None
    return names


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
            elif isinstance(one, ast.Assign) and isinstance(one.value, ast.Lambda):
                made |= {target.id for target in one.targets if isinstance(target, ast.Name)}
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
