"""Variables of code: what they are given, and what changes them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.code import calls as table
from kl_symbolic.reading.code.losses import Losses
from kl_symbolic.reading.code.values import UnknownError, Unread, Value
from kl_symbolic.reading.spelling import says_parameter
from kl_symbolic.reading.syntax import Name, Node, Number, Plus, Samples, walk
from kl_symbolic.reading.tokens import excerpt


@dataclass
class Variables(Losses):
    """Give variables their values; `aliases` are variables that are the same array."""

    aliases: dict[str, str] = field(default_factory=dict)

    def assigned(self, statement: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[str]:
        """Give variables their values, and return by what they are known."""
        if isinstance(statement, ast.AugAssign):
            key = self.target(statement.target)
            self.change(key)
            self.variables[key] = self.valued(ast.BinOp(statement.target, statement.op, statement.value))
            return [key]
        targets = [statement.target] if isinstance(statement, ast.AnnAssign) else statement.targets
        value = statement.value
        if value is None:
            return []
        keys: list[str] = []
        aliases: dict[str, str] = {}
        given: list[tuple[str, Value | Unread]] = []
        for target in targets:
            if isinstance(target, ast.Tuple | ast.List):
                given += zip(map(self.target, target.elts), self.unpacked(value, len(target.elts)), strict=True)
            else:
                given.append((self.target(target), self.valued(value)))
            if (source := self.key(value)) is not None and not isinstance(target, ast.Tuple | ast.List):
                aliases[self.target(target)] = self.aliases.get(source, source)
        for key, value_given in given:
            known = self.about_data(key, value_given)
            self.require_itself(key, known)
            self.variables.pop(key, None)
            self.variables[key] = known
            keys.append(key)
            prefixes = (f"{key}.", f"{key}[")
            for other in [other for other in self.variables if other.startswith(prefixes)]:
                del self.variables[other]
            self.aliases[key] = aliases.get(key, key)
        return keys

    def require_itself(self, key: str, known: Value | Unread) -> None:
        """Refuse a new value that is made of the old one, ``std = std.exp()``, for either may be the parameter.

        What adds to it remains: somebody guards it with an epsilon.
        """
        if not isinstance(known, Value) or isinstance(self.variables.get(key), Value):
            return
        node, own = known.node, self.shown(key)
        if isinstance(node, Plus):
            terms = [term for term in node.terms if not isinstance(term, Number)]
            node = terms[0] if len(terms) == 1 else node
        made = any(isinstance(part, Name) and part.written == own for part in walk(node))
        if made and not isinstance(node, Name) and not table.names_quantity(own):
            raise RequestError(
                f"ambiguous: {own} is given a value that is made of {own}; paste what follows, or rename one of them"
            )

    def change(self, key: str) -> None:
        """Note that a variable changes in place, and with it all that are the same array."""
        root = self.aliases.get(key, key)
        same = {other for other, source in self.aliases.items() if source == root} | {root}
        for other in same - {key}:
            written = self.shown(other)
            self.variables[other] = Unread(
                RequestError(f"not read: {written}, which {self.shown(key)} changes in place")
            )

    def target(self, expr: ast.expr) -> str:
        """Return by what a variable is known that is given a value."""
        if isinstance(expr, ast.Starred):
            expr = expr.value
        key = self.key(expr)
        named = isinstance(expr, ast.Subscript) and isinstance(expr.slice, ast.Constant) and expr.slice.value is not ...
        if isinstance(expr, ast.Subscript) and not named:
            base = self.key(expr.value)
            key = None if base is None else key or f"{base}[...]"
            if base is not None:
                self.variables[base] = Unread(RequestError(f"not read: {self.shown(base)}, of which a part is changed"))
        if key is None:
            raise RequestError(f"not read: the left-hand side {excerpt(self.written(expr))} is more than a name")
        return key

    def unpacked(self, value: ast.expr, size: int) -> list[Value | Unread]:
        """Return the values that several variables are given at once."""
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == size:
            return [self.valued(one) for one in value.elts]
        match value:
            case ast.ListComp(elt, [each]) | ast.GeneratorExp(elt, [each]):
                if isinstance(each.target, ast.Name) and isinstance(each.iter, ast.Tuple | ast.List) and not each.ifs:
                    return [self.with_value(each.target.id, one, elt) for one in each.iter.elts]
        shape = value.func if isinstance(value, ast.Call) and not value.args else value
        if self.is_shape(value) or self.is_shape(shape):
            written = self.written(value)
            counts: list[Node] = [Samples(f"{written}[0]"), Name(f"{written}[1]", "n")]
            if size == len(counts):
                return [self.value(one) for one in counts]
        error = UnknownError(f"not part of a formula: a part of {self.written(value)}")
        return [Unread(error, self.words(value) or f"a part of {self.written(value)}")] * size

    def with_value(self, name: str, given: ast.expr, value: ast.expr) -> Value | Unread:
        """Read a value in which a name stands for something given."""
        before = self.variables.pop(name, None)
        self.variables[name] = self.valued(given)
        found = self.valued(value)
        del self.variables[name]
        if before is not None:
            self.variables[name] = before
        return found

    def valued(self, value: ast.expr) -> Value | Unread:
        """Read a value; what no formula can say may be what a parameter is given."""
        try:
            return self.value(self.read(value))
        except UnknownError as error:
            return Unread(error, "" if self.is_made_of_parameters(value) else self.words(value))

    def is_made_of_parameters(self, value: ast.expr) -> bool:
        """Whether a value that is not read comes from a parameter, ``mu.unsqueeze(1)``, and not from a network.

        What bounds a parameter leaves it one.
        """
        calls = [part for part in ast.walk(value) if isinstance(part, ast.Call)]
        if any(table.BOUNDS.fullmatch(self.function(call)[1]) for call in calls if self.chain(call.func) is not None):
            return False
        owners = [call.func.value for call in calls if isinstance(call.func, ast.Attribute)]
        inside = [value.value] if isinstance(value, ast.Subscript) else []
        given = [one for call in calls for one in (*call.args, *(word.value for word in call.keywords))]
        names = [self.chain(one) for one in (*given, *owners, *inside)]
        words = [".".join(self.spellings(parts)) for parts in names if parts is not None]
        return any(len(word) > 1 and says_parameter(word) for word in words)

    def words(self, value: ast.expr) -> str:
        """Say of what a value is the result, or nothing if it is an expression that should have been read."""
        match value:
            case ast.Call(func=func):
                owner, function = self.function(value) if isinstance(func, ast.Name | ast.Attribute) else (None, "")
                if function in table.SAME_METHODS and owner is not None and not self.is_module(owner):
                    return self.words(owner)
                if function in table.SAME and value.args:
                    return self.words(value.args[0])
                readable = table.is_unary(function) or table.is_binary(function) or function in table.REDUCTIONS
                library = table.LIBRARY.fullmatch(function) and function[:1].islower()
                return "" if readable or library or not function else f"the result of {self.written(func)}"
            case ast.Subscript(value=inside):
                return self.words(inside) or f"a part of {self.written(inside)}"
            case ast.Attribute(value=inside):
                return self.words(inside)
        return ""
