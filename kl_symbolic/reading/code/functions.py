"""Calls, methods and subscripts in code as parts of a formula."""

from __future__ import annotations

import ast
import re
from typing import Literal

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.code import calls as table
from kl_symbolic.reading.code.axes import Axes
from kl_symbolic.reading.code.values import UnknownError, Unread, Value
from kl_symbolic.reading.spelling import says_parameter
from kl_symbolic.reading.syntax import Call, Name, Node, Number, Power, Reduction, Samples, walk
from kl_symbolic.reading.tokens import excerpt


class Functions(Axes):
    """Read expressions with calls and subscripts."""

    def call(self, expr: ast.Call, depth: int) -> Node:
        """Read a function or a method: a count, a parameter of a law, a sum, or an entry of the tables."""
        written = self.written(expr.func)
        if any(isinstance(one, ast.Starred) for one in expr.args) or any(one.arg is None for one in expr.keywords):
            raise UnknownError(f"not read: a starred argument of {excerpt(written)}(...)")
        owner, function = self.function(expr)
        method = owner is not None and self.is_method(expr, owner, function)
        if method and written.endswith("_") and (table.is_unary(function) or table.is_binary(function)):
            self.refuse_change(owner, written)
        if owner is not None and not method:
            self.refuse_imported(owner, written)
        if function in ("size", "shape", "len", "nrow"):
            return self.count_of(expr, function)
        if function in table.NEW_AXES:
            raise UnknownError(
                f"not read: {excerpt(written)}(...), for what has a new axis may be summed several times"
            )
        if function in ("to", "type", "astype", "cast") and self.is_of_whole_numbers(expr):
            raise UnknownError(f"not read: {excerpt(written)}(...) makes whole numbers")
        if owner is not None and method and function in table.SAME_METHODS and not self.is_module(owner):
            return self.shaped(self.read(owner, depth), function, expr.args, expr.keywords)
        if owner is not None and function in table.SAME_METHODS and self.is_module(owner) and expr.args:
            return self.shaped(self.read(expr.args[0], depth), function, expr.args[1:], expr.keywords)
        operands, rest = self.operands(expr, owner if method else None)
        law = self.of_law(operands, function, rest, method, expr)
        if law is not None:
            return law
        if function in table.ROWS and owner is None and len(expr.args) == 1 and not expr.keywords:
            kind, axis = table.ROWS[function]
            return self.reduced(kind, self.read(expr.args[0], depth), (axis,))
        if function in table.REDUCTIONS and operands:
            return self.reduction(expr, function, operands, method or owner is not None, depth)
        if function in table.SAME and operands and not method:
            return self.read(operands[0], depth)
        if table.is_unary(function) and len(operands) == 1:
            self.without_keywords(expr, rest)
            return self.unary(function, operands[0], depth)
        if (base := self.base(expr, function)) is not None:
            return self.unary(base, operands[0], depth)
        if function == "einsum" and len(operands) == 3 and not rest:  # noqa: PLR2004
            return self.einsum(expr, operands, depth)
        if table.is_binary(function) and len(operands) == 2:  # noqa: PLR2004
            self.without_keywords(expr, rest)
            return table.binary(function, self.read(operands[0], depth), self.read(operands[1], depth))
        if function in table.INNER and len(operands) == 2 and not rest:  # noqa: PLR2004
            return self.inner(operands[0], operands[1], depth)
        return self.refused(expr, function)

    def refused(self, expr: ast.Call, function: str) -> Node:
        """Refuse a call; a loss that is no divergence is kept until it is known whether it can be left out."""
        written = self.written(expr.func)
        known = table.is_unary(function) or table.is_binary(function) or function in table.REDUCTIONS
        message = (
            f"not part of a formula: the arguments of {excerpt(written)}(...)" if known else table.unknown(written)
        )
        if not known and table.OTHER_LOSS.fullmatch(function) and not self.is_about_parameters(expr):
            name = Name(f"{written}(...)", written.replace(".", "_"), called=True)
            self.losses.add(name)
            self.open[name] = UnknownError(message)
            return name
        raise UnknownError(message)

    def is_about_parameters(self, expr: ast.Call) -> bool:
        """Whether a loss is computed from parameters of a law: then it is no reconstruction."""
        names = [part for one in expr.args for part in ast.walk(one) if isinstance(part, ast.Name | ast.Attribute)]
        words = [".".join(self.spellings(parts)) for parts in map(self.chain, names) if parts is not None]
        return any(len(word) > 1 and says_parameter(word) for word in words)

    def function(self, expr: ast.Call) -> tuple[ast.expr | None, str]:
        """Return the object or module before a function, and its bare name."""
        match expr.func:
            case ast.Name(id=name) if name in self.program.words:
                if isinstance(self.variables.get(name), Value):
                    raise RequestError(f"not a formula: a sign is missing after {self.program.words[name].written}")
                if name in self.imported or (table.STAR in self.imported and not self.is_builtin(name)):
                    raise UnknownError(
                        f"not read: {self.written(expr.func)}, a function of a package that is not known"
                    )
                if name in self.variables or name in self.redefined:
                    raise UnknownError(f"not read: {self.program.words[name].written}, a function of the code's own")
                return None, table.bare(self.program.words[name].spelling)
            case ast.Attribute(value=owner, attr=attr):
                return owner, table.bare(self.program.words[attr].spelling)
        raise UnknownError("not a formula: a sign of multiplication is missing before a parenthesis")

    def refuse_change(self, owner: ast.expr | None, written: str) -> None:
        """Refuse a method that changes a variable in place: its old value may be asked for later."""
        while isinstance(owner, ast.Call | ast.Attribute | ast.Subscript):
            if isinstance(owner, ast.Call):
                inner, function = self.function(owner)
                if function not in table.SAME_METHODS:
                    return
                owner = inner
            else:
                owner = owner.value
        raise RequestError(f"not read: {written}(...) changes a variable in place; write it without the last _")

    def is_module(self, owner: ast.expr) -> bool:
        """Whether what stands before a dot is a library."""
        parts = self.chain(owner)
        known = parts is not None and parts[0] not in self.variables and parts[0] not in self.imported
        return known and table.is_module(self.spellings(parts or []))

    def is_builtin(self, name: str) -> bool:
        """Whether a function is one of Python's own."""
        return self.program.words[name].spelling in table.BUILTIN

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
        two = not table.is_unary(function) and (table.is_binary(function) or function in table.INNER)
        return given < (2 if two else 1)

    def operands(self, expr: ast.Call, owner: ast.expr | None) -> tuple[list[ast.expr], list[ast.keyword]]:
        """Return what a function is applied to, and its other keywords."""
        named = [one.value for one in expr.keywords if self.keyword(one) in table.OPERANDS]
        rest = [one for one in expr.keywords if self.keyword(one) not in table.OPERANDS]
        return [*([owner] if owner is not None else []), *named, *expr.args], rest

    def unary(self, function: str, operand: ast.expr, depth: int) -> Node:
        """Apply a function; the logarithm of a product is a sum of logarithms."""
        if function == "log" and isinstance(operand, ast.Call) and self.function(operand)[1] == "prod":
            owner = self.function(operand)[0]
            method = owner is not None and self.is_method(operand, owner, "sum")
            factors, _ = self.operands(operand, owner if method else None)
            axes = self.axes(operand, factors, bare=False)
            return self.reduced("sum", Call("log", self.read(factors[0], depth)), axes)
        return table.unary(function, self.read(operand, depth))

    def base(self, expr: ast.Call, function: str) -> str | None:
        """Return which logarithm ``math.log(x, base)`` is; other libraries have another second argument."""
        of_math = isinstance(expr.func, ast.Attribute) and self.written(expr.func.value) in ("math", "cmath")
        if function != "log" or not of_math or len(expr.args) != 2 or expr.keywords:  # noqa: PLR2004
            return None
        value, parts = self.numeral(expr.args[1]), self.chain(expr.args[1])
        written = table.constant(self.spellings(parts)) if parts is not None else str(value)
        return table.BASES.get(written or "")

    def einsum(self, expr: ast.Call, operands: list[ast.expr], depth: int) -> Node:
        """Read ``einsum("bi,bi->b", x, y)``, the sum of products over the axes that are not left."""
        pattern = operands[0].value if isinstance(operands[0], ast.Constant) else ""
        found = re.fullmatch(r"\s*([a-z]+)\s*,\s*([a-z]+)\s*->\s*([a-z]*)\s*", str(pattern), re.ASCII)
        if not found or found[1] != found[2] or len({*found[1]}) < len(found[1]) or not found[1].startswith(found[3]):
            raise UnknownError(table.unknown(self.written(expr.func)))
        left, right = self.read(operands[1], depth), self.read(operands[2], depth)
        axes = tuple(range(len(found[3]), len(found[1])))
        body = Power(left, table.TWO) if left == right else table.times(left, right)
        return self.reduced("sum", body, axes if found[3] else None) if axes else body

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
        squares = Power(self.read(operands[0], depth), table.TWO)
        return self.reduced("sum", squares, self.axes(expr, operands, bare=False))

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
            name = ".".join((*self.spellings(parts), function))
            written = self.written(operands[0])
            return Name(f"{written}.{function}()" if method else f"{function}({written})", name)
        return None

    def reduction(self, expr: ast.Call, function: str, operands: list[ast.expr], prefixed: bool, depth: int) -> Node:
        """Read a sum or a mean, over the axes that it names; ``sum(abs2, x)`` of Julia applies a function first."""
        kind: Literal["sum", "mean"] = "sum" if table.REDUCTIONS[function] == "sum" else "mean"
        if len(operands) == 2 and not prefixed and isinstance(operands[0], ast.Name):  # noqa: PLR2004
            word = self.program.words.get(operands[0].id)
            if word and table.is_unary(word.spelling) and operands[0].id not in self.variables:
                body = self.unary(word.spelling, operands[1], depth)
                return self.reduced(kind, body, self.axes(expr, operands[1:], bare=True))
        body = self.read(operands[0], depth)
        within = any(isinstance(part, Reduction) for part in walk(body))
        first = self.program.matlab and kind == "sum" and not prefixed
        if first and any(
            isinstance(part, Reduction) and (part.kind, part.axes) == ("mean", None) for part in walk(body)
        ):
            raise UnknownError(
                "ambiguous: mean in sum(...), in MATLAB that of each column; say its axis: mean(..., 'all')"
            )
        axes = self.axes(expr, operands, bare=not prefixed, within=within)
        flags = [*operands[2:], *(one.value for one in expr.keywords if self.keyword(one) in table.KEPT)]
        kept = any(not (isinstance(flag, ast.Constant) and flag.value is False) for flag in flags)
        return self.reduced(kind, body, axes, kept=kept)

    def reduced(
        self, kind: Literal["sum", "mean"], body: Node, axes: tuple[int, ...] | None, *, kept: bool = False
    ) -> Node:
        """Return a sum or a mean, if its axes are known."""
        if axes is not None and any(part in self.reshaped for part in walk(body)):
            raise UnknownError(f"not read: a {kind} over axis {axes[0]} of what was reshaped; sum without an axis")
        return Reduction(kind, body, axes, kept)

    def shaped(self, node: Node, function: str, shape: list[ast.expr], keywords: list[ast.keyword]) -> Node:
        """Note what no longer has the samples on its first axis and the coordinates on the others."""
        given = [*shape, *(one.value for one in keywords)]
        if len(given) == 1 and isinstance(given[0], ast.Tuple | ast.List):
            given = given[0].elts
        if function == "flatten":
            keeps = len(given) == 1 and self.numeral(given[0]) == 1
        else:
            keeps = function not in ("reshape", "view") or (len(given) > 1 and self.keeps_samples(given))
        if not keeps and not isinstance(node, Number):
            self.reshaped.add(node)
        return node

    def keeps_samples(self, shape: list[ast.expr]) -> bool:
        """Whether a new shape is that of samples with their coordinates: ``(x.size(0), -1)``, ``(-1, latent_dim)``."""
        try:
            sizes = [self.numeral(one) or self.read(one) for one in shape]
        except RequestError:
            return False
        coordinates = all(isinstance(one, Name) and one.spelling == "n" for one in sizes[1:])
        return (sizes[0] == -1 and coordinates) or (
            isinstance(sizes[0], Samples) and (coordinates or sizes[1:] == [-1])
        )

    def refuse_imported(self, owner: ast.expr, written: str) -> None:
        """Refuse a function of a package that is not known."""
        parts = self.chain(owner)
        if parts is not None and parts[0] in self.imported:
            raise UnknownError(f"not read: {excerpt(written)}, a function of a package that is not known")

    def subscript(self, expr: ast.Subscript, depth: int) -> Node:
        """Read a coordinate, ``mu[i]``, a key, ``x["mu"]``, a size, or all of something, ``x[:]``."""
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
            if isinstance(inside, ast.Name) and inside.id in self.program.words and inside.id not in self.variables:
                index = self.program.words[inside.id].spelling
                name = self.read(expr.value, depth)
                if isinstance(name, Name) and len(index) == 1 and isinstance(self.variables.get(base), Unread | None):
                    return Name(self.written(expr), name.spelling, coordinate=index)
        new_axis = any(isinstance(part, ast.Constant) and part.value is None for part in parts) or any(
            isinstance(part, ast.Attribute) and self.program.words[part.attr].spelling == "newaxis" for part in parts
        )
        if new_axis:
            written = self.written(expr.value)
            raise UnknownError(f"not read: {written}[...], for what has a new axis may be summed several times")
        raise UnknownError(f"not part of a formula: {self.written(expr.value)}[...], a part of a value")

    def is_whole(self, expr: ast.expr) -> bool:
        """Whether a subscript leaves everything, and makes no new axis: ``:``, ``...``."""
        if isinstance(expr, ast.Slice):
            return expr.lower is expr.upper is expr.step is None
        return isinstance(expr, ast.Constant) and expr.value is ...

    def is_of_whole_numbers(self, expr: ast.Call) -> bool:
        """Whether a conversion is to whole numbers."""
        given = [*expr.args, *(one.value for one in expr.keywords)]
        return any(table.WHOLE_NUMBERS.search(self.written(one)) for one in given)
