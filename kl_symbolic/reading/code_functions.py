"""Calls, methods and subscripts in code as parts of a formula."""

from __future__ import annotations

import ast
from typing import Literal

from kl_symbolic.errors import RequestError
from kl_symbolic.reading import code_calls as table
from kl_symbolic.reading.code_expressions import Expressions
from kl_symbolic.reading.code_values import UnknownError, Unread, Value
from kl_symbolic.reading.syntax import Call, Name, Node, Number, Power, Reduction, Samples, walk
from kl_symbolic.reading.tokens import excerpt

SUFFICES = (1, 2, 3)  # the axes of list(range(1, ...)): all but that of the samples


class Functions(Expressions):
    """Read expressions with calls and subscripts."""

    def call(self, expr: ast.Call, depth: int) -> Node:
        """Read a function or a method: a count, a parameter of a law, a sum, or an entry of the tables."""
        written = self.written(expr.func)
        if any(isinstance(one, ast.Starred) for one in expr.args) or any(one.arg is None for one in expr.keywords):
            raise UnknownError(f"not read: a starred argument of {excerpt(written)}(...)")
        owner, function = self.function(expr)
        method = owner is not None and self.is_method(expr, owner, function)
        if function in ("size", "shape", "len", "nrow"):
            return self.count_of(expr, function)
        if owner is not None and method and function in table.SAME_METHODS and not self.is_module(owner):
            return self.read(owner, depth)
        operands, rest = self.operands(expr, owner if method else None)
        law = self.of_law(operands, function, rest, method, expr)
        if law is not None:
            return law
        if function in table.REDUCTIONS and operands:
            return self.reduction(expr, function, operands, method or owner is not None, depth)
        if function in table.SAME and operands and not method:
            return self.read(operands[0], depth)
        if function in table.UNARY and len(operands) == 1:
            self.without_keywords(expr, rest)
            return self.unary(function, operands[0], depth)
        if function in table.BINARY and len(operands) == 2:  # noqa: PLR2004
            self.without_keywords(expr, rest)
            return table.BINARY[function](self.read(operands[0], depth), self.read(operands[1], depth))
        if function in table.INNER and len(operands) == 2 and not rest:  # noqa: PLR2004
            return self.inner(operands[0], operands[1], depth)
        return self.refused(expr, function)

    def refused(self, expr: ast.Call, function: str) -> Node:
        """Refuse a call; a loss that is no divergence is kept until it is known whether it can be left out."""
        written = self.written(expr.func)
        known = function in table.UNARY or function in table.BINARY or function in table.REDUCTIONS
        message = (
            f"not part of a formula: the arguments of {excerpt(written)}(...)" if known else table.unknown(written)
        )
        if not known and table.OTHER_LOSS.fullmatch(function):
            name = Name(f"{written}(...)", written.replace(".", "_"), called=True)
            self.losses.add(name)
            self.open[name] = UnknownError(message)
            return name
        raise UnknownError(message)

    def function(self, expr: ast.Call) -> tuple[ast.expr | None, str]:
        """Return the object or module before a function, and its bare name."""
        match expr.func:
            case ast.Name(id=name) if name in self.program.words:
                known = self.variables.get(name)
                if isinstance(known, Value):
                    raise RequestError(f"not a formula: a sign is missing after {self.program.words[name].written}")
                return None, table.bare(self.program.words[name].spelling)
            case ast.Attribute(value=owner, attr=attr):
                return owner, table.bare(self.program.words[attr].spelling)
        raise UnknownError("not a formula: a sign of multiplication is missing before a parenthesis")

    def is_module(self, owner: ast.expr) -> bool:
        """Whether what stands before a dot is a library."""
        parts = self.chain(owner)
        return parts is not None and table.is_module(self.spellings(parts)) and parts[0] not in self.variables

    def is_method(self, expr: ast.Call, owner: ast.expr, function: str) -> bool:
        """Whether ``a.f(...)`` is about `a` as a value; else `a` is the module that has `f`."""
        if self.is_module(owner):
            return False
        parts = self.chain(owner)
        if parts is None or isinstance(self.variables.get(".".join(parts)), Value):
            return True
        given = len(expr.args) + any(one.arg in table.OPERANDS for one in expr.keywords)
        if function in table.REDUCTIONS:
            return given == 0 or (bool(expr.args) and self.looks_like_axes(expr.args[0]))
        if function in table.SAME_METHODS and function not in table.SAME:
            return True
        return given < (2 if function in table.BINARY or function in table.INNER else 1)

    def looks_like_axes(self, expr: ast.expr) -> bool:
        """Whether an argument numbers axes."""
        named = isinstance(expr, ast.Name) and table.AXIS.fullmatch(self.spelled(expr))
        return self.numeral(expr) is not None or isinstance(expr, ast.List | ast.Tuple) or bool(named)

    def operands(self, expr: ast.Call, owner: ast.expr | None) -> tuple[list[ast.expr], list[ast.keyword]]:
        """Return what a function is applied to, and its other keywords."""
        named = [one.value for one in expr.keywords if self.keyword(one) in table.OPERANDS]
        rest = [one for one in expr.keywords if self.keyword(one) not in table.OPERANDS]
        return [*([owner] if owner is not None else []), *named, *expr.args], rest

    def keyword(self, one: ast.keyword) -> str:
        """Return the name of a keyword."""
        word = self.program.words.get(one.arg or "")
        return word.spelling if word else one.arg or ""

    def without_keywords(self, expr: ast.Call, rest: list[ast.keyword]) -> None:
        """Refuse keywords that may change the value."""
        for one in rest:
            if self.keyword(one) not in table.WITHOUT_EFFECT:
                written = f"{excerpt(self.keyword(one))} of {self.written(expr.func)}(...)"
                raise UnknownError(f"not part of a formula: the argument {written}")

    def unary(self, function: str, operand: ast.expr, depth: int) -> Node:
        """Apply a function; the logarithm of a product is a sum of logarithms."""
        if function == "log" and isinstance(operand, ast.Call) and self.function(operand)[1] == "prod":
            owner = self.function(operand)[0]
            method = owner is not None and self.is_method(operand, owner, "sum")
            factors, _ = self.operands(operand, owner if method else None)
            axes = self.axes(operand, factors, bare=False)
            return Reduction("sum", Call("log", self.read(factors[0], depth)), axes)
        return table.UNARY[function](self.read(operand, depth))

    def norm(self, expr: ast.Call, depth: int) -> Node | None:
        """Return the sum of squares that the square of a norm is."""
        if not isinstance(expr.func, ast.Name | ast.Attribute):
            return None
        owner, function = self.function(expr)
        if function != "norm":
            return None
        method = owner is not None and self.is_method(expr, owner, "sum")
        operands, _ = self.operands(expr, owner if method else None)
        if len(operands) != 1:
            return None
        return Reduction("sum", Power(self.read(operands[0], depth), table.TWO), self.axes(expr, operands, bare=False))

    def of_law(
        self, operands: list[ast.expr], function: str, rest: list[ast.keyword], method: bool, expr: ast.Call
    ) -> Node | None:
        """Read ``var(p)`` and ``p.variance()``: a parameter of a law."""
        if function not in table.OF_LAW or len(operands) != 1 or rest:
            return None
        parts = self.chain(operands[0])
        if parts is None or isinstance(self.variables.get(".".join(parts)), Value):
            return None
        free = isinstance(expr.func, ast.Name) and table.LAW.fullmatch(self.spellings(parts)[-1])
        own = method and (table.LAW.fullmatch(self.spellings(parts)[-1]) or function in ("variance", "stddev"))
        if (free or own) and not (method and function == "mean"):
            name = "_".join((*self.spellings(parts), function))
            written = self.written(operands[0])
            return Name(f"{written}.{function}()" if method else f"{function}({written})", name)
        return None

    def reduction(self, expr: ast.Call, function: str, operands: list[ast.expr], prefixed: bool, depth: int) -> Node:
        """Read a sum or a mean, over the axes that it names; ``sum(abs2, x)`` of Julia applies a function first."""
        kind: Literal["sum", "mean"] = "sum" if table.REDUCTIONS[function] == "sum" else "mean"
        if len(operands) == 2 and not prefixed and isinstance(operands[0], ast.Name):  # noqa: PLR2004
            word = self.program.words.get(operands[0].id)
            if word and word.spelling in table.UNARY and operands[0].id not in self.variables:
                body = self.unary(word.spelling, operands[1], depth)
                return Reduction(kind, body, self.axes(expr, operands[1:], bare=True))
        body = self.read(operands[0], depth)
        within = any(isinstance(part, Reduction) for part in walk(body))
        return Reduction(kind, body, self.axes(expr, operands, bare=not prefixed, within=within))

    def axes(
        self, expr: ast.Call, operands: list[ast.expr], bare: bool, within: bool = False
    ) -> tuple[int, ...] | None:
        """Return the axes that a call names, counted from 0, or None for all.

        Julia and MATLAB count from 1, and their first axis is that of the coordinates; R's Keras counts from 1. The
        second argument of a bare ``sum`` is no axis in Python and R. `within` says that there is a sum inside.
        """
        written = self.written(expr.func)
        named = [one for one in expr.keywords if self.keyword(one) in table.AXES]
        others = [one for one in expr.keywords if self.keyword(one) not in (*table.AXES, *table.OPERANDS)]
        self.without_keywords(expr, others)
        given = [*operands[1:2], *(one.value for one in named)]
        if len(given) > 1 or any(not self.is_flag(one) for one in operands[2:]):
            raise UnknownError(f"not part of a formula: the arguments of {excerpt(written)}(...)")
        if not given:
            return None
        axes = self.numbers(given[0])
        if bare and (not named or self.keyword(named[0]) == "dims"):
            if axes == (1,) and (named or self.program.elementwise):
                return None
            if axes == (2,) and within and (named or self.program.elementwise):
                return (0,)
            raise UnknownError(f"ambiguous: the second argument of {excerpt(written)}(...); name it, or leave it out")
        if written.rpartition(".")[2].startswith(("k_", "op_")) and axes is not None:
            return tuple(axis - 1 if axis > 0 else axis for axis in axes)
        return axes

    def is_flag(self, expr: ast.expr) -> bool:
        """Whether an argument is True or False: that of keepdim."""
        return isinstance(expr, ast.Constant) and isinstance(expr.value, bool)

    def numbers(self, expr: ast.expr) -> tuple[int, ...] | None:
        """Read axes: a number, several, ``list(range(1, ...))``."""
        value = self.numeral(expr)
        if value is not None and value.denominator == 1:
            return (int(value),)
        match expr:
            case ast.Constant(value=None):
                return None
            case ast.List(elts=parts) | ast.Tuple(elts=parts) if len(parts) <= len(SUFFICES):
                found = [self.numbers(part) for part in parts]
                if all(one is not None and len(one) == 1 for one in found):
                    return tuple(axis for one in found for axis in one or ())
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in self.program.words:
                function = self.program.words[name].spelling
                if function in ("list", "tuple"):
                    return self.numbers(first)
                if function == "range" and self.numbers(first) == (1,):
                    return SUFFICES
                if function == "c":
                    return self.numbers(ast.Tuple(expr.args))
            case ast.Name(id=name):
                known = self.variables.get(name)
                if isinstance(known, Value) and isinstance(known.node, Number) and known.node.value.denominator == 1:
                    return (int(known.node.value),)
                default = self.defaults.get(name)
                if default is not None and (self.numeral(default) is not None or isinstance(default, ast.Constant)):
                    return self.numbers(default)
        raise UnknownError(f"not read: the axes {self.written(expr)} of a sum; write their numbers")

    def count_of(self, expr: ast.expr, function: str) -> Node:
        """Read ``x.size(0)`` and ``len(x)``, the number of samples, and ``x.size(1)``, that of the coordinates."""
        written = self.written(expr)
        if isinstance(expr, ast.Call):
            owner, _ = self.function(expr)
            value = self.numeral(expr.args[0]) if len(expr.args) == 1 and owner is not None else None
            inside = "" if value is None else str(value)
            if function in ("len", "nrow") and len(expr.args) == 1 and owner is None:
                if isinstance(expr.args[0], ast.Attribute):
                    raise UnknownError(f"not part of a formula: the number of axes, {written}")
                return Samples(f"{function}({self.written(expr.args[0])})")
            written = f"{self.written(expr.func)}({inside})"
        else:
            assert isinstance(expr, ast.Subscript)
            value = self.numeral(expr.slice)
            written = f"{self.written(expr.value)}[{value}]"
        if value == 0:
            return Samples(written)
        if value in (1, -1):
            return Name(written, "n")
        raise UnknownError(f"not part of a formula: the size {excerpt(written)}")

    def subscript(self, expr: ast.Subscript, depth: int) -> Node:
        """Read a coordinate, ``mu[i]``, a key, ``x["mu"]``, a size, or all of something, ``x[:, None]``."""
        if self.is_shape(expr.value):
            return self.count_of(expr, "shape")
        key = self.key(expr)
        if key is not None and (known := self.variables.get(key)) is not None:
            return self.variable(expr, known, depth)
        inside = expr.slice
        parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        if all(self.is_whole(part) for part in parts):
            return self.read(expr.value, depth)
        if isinstance(inside, ast.List) and len(inside.elts) == 1:  # x[["mu"]] of R
            inside = inside.elts[0]
        base = self.key(expr.value)
        if base is not None and not isinstance(self.variables.get(base), Value):
            if isinstance(inside, ast.Constant) and isinstance(inside.value, str) and inside.value:
                name = self.read(expr.value, depth)
                if isinstance(name, Name):
                    spelling = f"{name.spelling}_{inside.value.replace(' ', '_').replace('-', '_').replace('.', '_')}"
                    return Name(self.written(expr), spelling)
            if isinstance(inside, ast.Name) and inside.id in self.program.words:
                index = self.program.words[inside.id].spelling
                name = self.read(expr.value, depth)
                if isinstance(name, Name) and len(index) == 1 and isinstance(self.variables.get(base), Unread | None):
                    return Name(self.written(expr), name.spelling, coordinate=index)
        raise UnknownError(f"not part of a formula: {self.written(expr.value)}[...], a part of a value")

    def is_shape(self, expr: ast.expr) -> bool:
        """Whether an expression is the shape of something: ``x.shape``, ``tf.shape(x)``, ``x.size()``."""
        if isinstance(expr, ast.Attribute):
            return self.program.words[expr.attr].spelling == "shape"
        if isinstance(expr, ast.Call) and isinstance(expr.func, ast.Attribute):
            return self.program.words[expr.func.attr].spelling in ("shape", "size", "int_shape", "get_shape")
        return False

    def is_whole(self, expr: ast.expr) -> bool:
        """Whether a subscript leaves everything: ``:``, ``...``, ``None``."""
        if isinstance(expr, ast.Slice):
            return expr.lower is expr.upper is expr.step is None
        newaxis = isinstance(expr, ast.Attribute) and self.program.words[expr.attr].spelling == "newaxis"
        return newaxis or (isinstance(expr, ast.Constant) and (expr.value is None or expr.value is ...))
