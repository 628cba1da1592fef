"""Statements of code: variables are put in place, and one value is what the code says."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.code import calls as table
from kl_symbolic.reading.code.bodies import (
    EFFECTS,
    NOT_READ,
    WITHOUT_VALUE,
    functions_apart,
    imports,
    own_functions,
    passed_over,
    returns,
    straight,
)
from kl_symbolic.reading.code.expressions import REFUSED
from kl_symbolic.reading.code.values import Unread, Value
from kl_symbolic.reading.code.variables import Variables
from kl_symbolic.reading.syntax import Name, Node, walk


class Statements(Variables):
    """Read statements in their order."""

    def judged(self, body: Sequence[ast.stmt]) -> Node:
        """Return what code says: what its last function returns, or else its last value.

        Raises
        ------
        RequestError
            If there is no value, or something on the way to it is not read.
        """
        self.redefined = own_functions(body)
        self.imported = {name for name, package in imports(body) if not table.is_known_package(self.shown(package))}
        for one in (part for statement in body for part in ast.walk(statement)):
            if isinstance(one, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):  # these act wherever they stand
                raise RequestError(f"not read: {REFUSED[type(one)]} in code; paste the formula alone")
        outside = functions_apart(body)
        returning = [part for part in outside if isinstance(part, ast.FunctionDef) and returns(part.body)]
        statements: list[ast.stmt] = [part for part in outside if not isinstance(part, ast.FunctionDef)]
        if returning:
            self.give_values(statements)
            node = self.function_body(returning[-1])
        elif any(isinstance(one, ast.FunctionDef) for one in outside):
            raise RequestError("not read: a function that returns nothing")
        else:
            node = self.run(statements)
        node = self.without_weight(node, self.without_other_losses(node))
        parts = dict.fromkeys(walk(node))
        for part in parts:
            if part in self.open:
                raise self.open[part]
        numbers = [one for one in self.used if isinstance(self.variables.get(one), Value)]
        if numbers and not any(isinstance(part, Name) and part.spelling not in ("pi", "e", "n") for part in parts):
            raise RequestError("not read: code that works out to a number; leave out what gives the parameters values")
        self.notes |= {self.inputs[part]: None for part in parts if part in self.inputs}
        return node

    def without_weight(self, whole: Node, kept: Node) -> Node:
        """Return the variable that is called a divergence where it is part of a loss with others, with a weight."""
        called = [
            (key, known.node)
            for key, known in self.variables.items()
            if key in self.used and isinstance(known, Value) and table.names_quantity(self.shown(key))
            if not table.MINUS.search(self.shown(key))
        ]
        if kept == whole or not called or called[-1][1] == kept:
            return kept
        key, node = called[-1]
        self.notes.setdefault(f"what is judged is {self.shown(key)}")
        return node

    def function_body(self, function: ast.FunctionDef) -> Node:
        """Return what a function returns; of one that returns a function within, what that returns."""
        for decorator in function.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if self.chain(called) is None:
                raise RequestError("not read: a decorator that is more than a name or a call of one")
        arguments = function.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for one in (*every, arguments.vararg, arguments.kwarg):
            if one is not None:
                self.variables.pop(one.arg, None)
                self.redefined.add(one.arg)
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
            self.give_values(function.body)
            return self.function_body(inner[last.value.id])
        return self.run([one for one in function.body if not isinstance(one, ast.FunctionDef)])

    def give_values(self, body: Sequence[ast.stmt]) -> None:
        """Give the variables around a function their values."""
        for one in body:
            if isinstance(one, ast.Assign | ast.AnnAssign):
                self.assigned(one)

    def run(self, body: Sequence[ast.stmt]) -> Node:
        """Follow statements and return the value of the last, or of the first that returns."""
        found = self.follow(body)
        if isinstance(found, RequestError):
            return self.earlier(found)
        return found

    def last_variable(self, last: str) -> Node | RequestError:
        """Return the value of the last variable, or of one that is called a divergence and that it does not need."""
        others = [key for key, known in self.variables.items() if isinstance(known, Value) and key not in self.used]
        called = [key for key in others if table.names_quantity(self.shown(key))]
        if called and not table.names_quantity(self.shown(last)):
            last = called[-1]
        if others not in ([], [last]):
            self.notes.setdefault(f"what is judged is {self.shown(last)}")
        known = self.variables[last]
        if table.BOUND.fullmatch(self.shown(last).rpartition(".")[2]):
            return RequestError(f"not read: {self.shown(last)}, a bound rather than a divergence")
        if isinstance(known, Value):
            return known.node
        if table.names_quantity(self.shown(last)):
            raise known.error
        return known.error

    def follow(self, body: Sequence[ast.stmt]) -> Node | RequestError:
        """Follow statements; if the last one has no value that is read, return why."""
        found: Node | RequestError = RequestError("not a formula: code without a value")
        last: str | None = None
        statements = straight(body)
        for one in statements:
            match one:
                case ast.Return(value=None):
                    raise RequestError("not read: a return without a value")
                case ast.Return(value=ast.expr() as value):
                    if any(isinstance(other, ast.Expr) for other in statements):
                        raise RequestError("ambiguous: a line after return; put the whole formula in parentheses")
                    return self.returned(value)
                case ast.Expr(value=ast.Constant()):
                    continue
                case ast.Expr(value=ast.Call() as call) if self.is_effect(call):
                    if isinstance(found, RequestError) and len(call.args) == 1 and not call.keywords:  # print(...)
                        found = self.attempt(call.args[0])
                case ast.AnnAssign(value=None, annotation=value) if self.chain(value) is None:  # KL: 0.5 * ...
                    found, last = self.read(value), None
                case ast.Expr(value=value):
                    if not isinstance(found, RequestError):
                        self.refuse_continuation(one, value, last)
                    found, last = self.read(value), None
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                    for key in self.assigned(one):
                        known = self.variables[key]
                        if isinstance(known, Unread) or any(isinstance(part, Name) for part in walk(known.node)):
                            last = key
                            found = known.node if isinstance(known, Value) else known.error
                case ast.For() if self.is_only_looking(one):
                    continue
                case _ if not isinstance(one, WITHOUT_VALUE):
                    kind = NOT_READ.get(type(one), "a statement in code; paste the formula alone")
                    raise RequestError(f"not read: {kind}")
        return found if last is None else self.last_variable(last)

    def is_only_looking(self, loop: ast.For) -> bool:
        """Whether a loop only looks for something; what it finds is no formula."""
        names = passed_over(loop)
        calls = [part.func for part in ast.walk(loop) if isinstance(part, ast.Call)]
        if names is None or any(self.written(call) not in ("isinstance", "hasattr", "callable") for call in calls):
            return False
        for name in names:
            self.variables[name] = Unread(
                RequestError(f"not read: {self.shown(name)}, which a for loop gives its value")
            )
        return True

    def earlier(self, failed: RequestError) -> Node:
        """Return the last variable that is called a divergence, where the very last one is no formula."""
        for key, known in reversed(self.variables.items()):
            if isinstance(known, Value) and table.names_quantity(self.shown(key)):
                self.notes.setdefault(f"what is judged is {self.shown(key)}")
                return known.node
        raise failed

    def returned(self, value: ast.expr) -> Node:
        """Read what a function returns; of several results, the divergence."""
        if isinstance(value, ast.Tuple) and len(value.elts) == 1:
            value = value.elts[0]
        if not isinstance(value, ast.Tuple | ast.Dict):
            return self.read(value)
        parts = [one for one in value.elts if self.is_divergence(one)] if isinstance(value, ast.Tuple) else []
        if len(parts) != 1:
            return self.earlier(RequestError("not read: several results; paste the one that is meant"))
        self.notes.setdefault(f"what is judged is {self.written(parts[0])}")
        return self.read(parts[0])

    def is_divergence(self, expr: ast.expr) -> bool:
        """Whether a result is called a divergence."""
        return self.chain(expr) is not None and table.names_quantity(self.written(expr))

    def is_effect(self, call: ast.Call) -> bool:
        """Whether a call stands alone for what it does."""
        try:
            _, function = self.function(call)
        except RequestError:
            return False
        named = bool(call.args) and isinstance(call.args[0], ast.Constant)  # self.log("kl", kl)
        return function in EFFECTS or (function == "log" and named)

    def attempt(self, value: ast.expr) -> Node | RequestError:
        """Read an expression, or return why it is not read."""
        try:
            return self.read(value)
        except RequestError as error:
            return error

    def refuse_continuation(self, statement: ast.stmt, value: ast.expr, last: str | None) -> None:
        """Refuse a line with a sign in front after a line that gave a value: it may be the rest of that."""
        first = value
        while isinstance(first, ast.BinOp):
            first = first.left
        signed = isinstance(first, ast.UnaryOp) and first.col_offset == statement.col_offset
        uses = (self.key(one) for one in ast.walk(value) if isinstance(one, ast.Name | ast.Attribute))
        if signed and (last is None or last not in uses):
            raise RequestError("ambiguous: a line begins with a sign; put the whole formula in parentheses")
