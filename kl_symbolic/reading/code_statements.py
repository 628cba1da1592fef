"""Statements of code: variables are put in place, and one value is what the code says."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from kl_symbolic.errors import RequestError
from kl_symbolic.reading import code_calls as table
from kl_symbolic.reading.code_losses import Losses
from kl_symbolic.reading.code_values import UnknownError, Unread, Value
from kl_symbolic.reading.syntax import Name, Node, Samples, walk
from kl_symbolic.reading.tokens import excerpt

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


class Statements(Losses):
    """Read statements in their order."""

    def judged(self, body: Sequence[ast.stmt]) -> Node:
        """Return what code says: what its last function returns, or else its last value.

        Raises
        ------
        RequestError
            If there is no value, or something on the way to it is not read.
        """
        outside = _functions_apart(body)
        returning = [one for one in outside if isinstance(one, ast.FunctionDef) and _returned(one.body)]
        statements: list[ast.stmt] = [one for one in outside if not isinstance(one, ast.FunctionDef)]
        if returning:
            self.follow([one for one in statements if _constant(one)])
            node = self.function_body(returning[-1])
        elif any(isinstance(one, ast.FunctionDef) for one in outside):
            raise RequestError("not read: a function that returns nothing")
        else:
            node = self.run(statements)
        node = self.without_other_losses(node)
        parts = dict.fromkeys(walk(node))
        for part in parts:
            if part in self.open:
                raise self.open[part]
        self.notes |= {self.inputs[part]: None for part in parts if part in self.inputs}
        return node

    def function_body(self, function: ast.FunctionDef) -> Node:
        """Return what a function returns; of one that returns a function within, what that returns."""
        for decorator in function.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if self.chain(called) is None:
                raise RequestError("not read: a decorator that is more than a name or a call of one")
        arguments = function.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for one in every:
            self.variables.pop(one.arg, None)
        positional = [*arguments.posonlyargs, *arguments.args]
        self.defaults |= {
            one.arg: value for one, value in zip(positional[::-1], arguments.defaults[::-1], strict=False)
        } | {
            one.arg: value
            for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if value is not None
        }
        inner = {one.name: one for one in function.body if isinstance(one, ast.FunctionDef)}
        last = function.body[-1]
        if isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and last.value.id in inner:
            self.follow([one for one in function.body[:-1] if _constant(one)])
            return self.function_body(inner[last.value.id])
        return self.run([one for one in function.body if not isinstance(one, ast.FunctionDef)])

    def run(self, body: Sequence[ast.stmt]) -> Node:
        """Follow statements and return the value of the last, or of the first that returns."""
        found = self.follow(body)
        if isinstance(found, RequestError):
            return self.earlier(found)
        return found

    def follow(self, body: Sequence[ast.stmt]) -> Node | RequestError:
        """Follow statements; if the last one has no value that is read, return why."""
        found: Node | RequestError = RequestError("not a formula: code without a value")
        last: str | None = None
        for one in _straight(body):
            match one:
                case ast.Return(value=None):
                    raise RequestError("not read: a return without a value")
                case ast.Return(value=ast.expr() as value):
                    return self.returned(value)
                case ast.Expr(value=ast.Constant()):
                    continue
                case ast.Expr(value=ast.Call() as call) if self.is_effect(call):
                    continue
                case ast.AnnAssign(value=None, annotation=value) if self.chain(value) is None:  # KL: 0.5 * ...
                    found, last = self.read(value), None
                case ast.Expr(value=value):
                    self.refuse_continuation(one, value, last)
                    found, last = self.read(value), None
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                    for last in self.assigned(one):
                        known = self.variables[last]
                        found = known.node if isinstance(known, Value) else known.error
                        if table.BOUND.fullmatch(self.shown(last).rpartition(".")[2]):
                            found = RequestError(f"not read: {self.shown(last)}, a bound rather than a divergence")
                case _ if not isinstance(one, WITHOUT_VALUE):
                    kind = NOT_READ.get(type(one), "a statement")
                    raise RequestError(f"not read: {kind} in code; paste the formula after it")
        return found

    def earlier(self, failed: RequestError) -> Node:
        """Return the last variable that is called a divergence, where the very last one is no formula."""
        for key, known in reversed(self.variables.items()):
            if isinstance(known, Value) and table.DIVERGENCE.search(self.shown(key)):
                self.notes.setdefault(f"what is judged is {self.shown(key)}")
                return known.node
        raise failed

    def returned(self, value: ast.expr) -> Node:
        """Read what a function returns; of several results, the divergence."""
        if not isinstance(value, ast.Tuple):
            return self.read(value)
        parts = [one for one in value.elts if table.DIVERGENCE.search(self.written(one))]
        if len(parts) != 1:
            raise RequestError("not read: several results; paste the one that is meant")
        self.notes.setdefault(f"what is judged is {self.written(parts[0])}")
        return self.read(parts[0])

    def is_effect(self, call: ast.Call) -> bool:
        """Whether a call stands alone for what it does."""
        try:
            _, function = self.function(call)
        except RequestError:
            return False
        named = bool(call.args) and isinstance(call.args[0], ast.Constant)  # self.log("kl", kl)
        return function in EFFECTS or (function == "log" and named)

    def refuse_continuation(self, statement: ast.stmt, value: ast.expr, last: str | None) -> None:
        """Refuse a line with a sign in front after a line that gave a value: it may be the rest of that."""
        first = value
        while isinstance(first, ast.BinOp):
            first = first.left
        signed = isinstance(first, ast.UnaryOp) and first.col_offset == statement.col_offset
        if last is None or not signed:
            return
        if not any(isinstance(one, ast.Name | ast.Attribute) and self.key(one) == last for one in ast.walk(value)):
            raise RequestError("ambiguous: a line begins with a sign; put the whole formula in parentheses")

    def assigned(self, statement: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[str]:
        """Give variables their values, and return by what they are known."""
        if isinstance(statement, ast.AugAssign):
            key = self.target(statement.target)
            self.variables[key] = self.valued(ast.BinOp(statement.target, statement.op, statement.value))
            return [key]
        targets = [statement.target] if isinstance(statement, ast.AnnAssign) else statement.targets
        value = statement.value
        if value is None:
            return []
        keys: list[str] = []
        given: list[tuple[str, Value | Unread]] = []
        for target in targets:
            if isinstance(target, ast.Tuple | ast.List):
                given += zip(map(self.target, target.elts), self.unpacked(value, len(target.elts)), strict=True)
            else:
                given.append((self.target(target), self.valued(value)))
        for key, value_given in given:
            known = self.about_data(key, value_given)
            self.variables.pop(key, None)
            self.variables[key] = known
            keys.append(key)
            prefixes = (f"{key}.", f"{key}[")
            for other in [other for other in self.variables if other.startswith(prefixes)]:
                del self.variables[other]
        return keys

    def target(self, expr: ast.expr) -> str:
        """Return by what a variable is known that is given a value."""
        if isinstance(expr, ast.Starred):
            expr = expr.value
        key = self.key(expr)
        if key is None and isinstance(expr, ast.Subscript):
            key = self.key(expr.value)
            key = None if key is None else f"{key}[...]"
        if key is None:
            raise RequestError(f"not read: the left-hand side {excerpt(self.written(expr))} is more than a name")
        return key

    def unpacked(self, value: ast.expr, size: int) -> list[Value | Unread]:
        """Return the values that several variables are given at once."""
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == size:
            return [self.valued(one) for one in value.elts]
        shape = value.func if isinstance(value, ast.Call) and not value.args else value
        if self.is_shape(value) or self.is_shape(shape):
            written = self.written(value)
            counts: list[Node] = [Samples(f"{written}[0]"), Name(f"{written}[1]", "n")]
            if size == len(counts):
                return [self.value(one) for one in counts]
        error = UnknownError(f"not part of a formula: a part of {self.written(value)}")
        return [Unread(error, self.words(value) or f"a part of {self.written(value)}")] * size

    def valued(self, value: ast.expr) -> Value | Unread:
        """Read a value; what no formula can say may be what a parameter is given."""
        try:
            return self.value(self.read(value))
        except UnknownError as error:
            return Unread(error, self.words(value))

    def words(self, value: ast.expr) -> str:
        """Say of what a value is the result, or nothing if it is an expression that should have been read."""
        match value:
            case ast.Call(func=func):
                owner, function = self.function(value) if isinstance(func, ast.Name | ast.Attribute) else (None, "")
                if function in table.SAME_METHODS and owner is not None and not self.is_module(owner):
                    return self.words(owner)
                if function in table.SAME and value.args:
                    return self.words(value.args[0])
                readable = function in table.UNARY or function in table.BINARY or function in table.REDUCTIONS
                library = table.LIBRARY.fullmatch(function) and function[:1].islower()
                return "" if readable or library or not function else f"the result of {self.written(func)}"
            case ast.Subscript(value=inside):
                return self.words(inside) or f"a part of {self.written(inside)}"
            case ast.Attribute(value=inside):
                return self.words(inside)
        return ""


def _functions_apart(body: Sequence[ast.stmt]) -> list[ast.stmt]:
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


def _straight(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements, those in ``with`` too; an ``if`` that only guards is passed over."""
    left = list(reversed(body))
    while left:
        one = left.pop()
        if isinstance(one, ast.With):
            left += reversed(one.body)
        elif not (
            isinstance(one, ast.If) and all(isinstance(part, WITHOUT_VALUE) for part in (*one.body, *one.orelse))
        ):
            yield one


def _returned(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(part, ast.Return) and part.value is not None for one in body for part in ast.walk(one))


def _constant(statement: ast.stmt) -> bool:
    """Whether a statement beside a function may matter within: a variable is given a value."""
    return isinstance(statement, ast.Assign | ast.AnnAssign)
