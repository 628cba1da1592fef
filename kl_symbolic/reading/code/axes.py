"""The axes of sums and means in code, and the sizes of arrays."""

from __future__ import annotations

import ast
from abc import abstractmethod

from kl_symbolic.reading.code import calls as table
from kl_symbolic.reading.code.operators import Operators
from kl_symbolic.reading.code.values import UnknownError, Value
from kl_symbolic.reading.spelling import says_parameter
from kl_symbolic.reading.syntax import Name, Node, Number, Samples
from kl_symbolic.reading.tokens import excerpt

SUFFICES = (1, 2, 3)  # the axes of list(range(1, ...)): all but that of the samples


class Axes(Operators):
    """Read what numbers the axes of an array, and how long they are."""

    @abstractmethod
    def function(self, expr: ast.Call) -> tuple[ast.expr | None, str]:
        """Return the object or module before a function, and its bare name."""

    def looks_like_axes(self, expr: ast.expr) -> bool:
        """Whether an argument numbers axes."""
        named = isinstance(expr, ast.Name) and table.AXIS.fullmatch(self.spelled(expr))
        return self.numeral(expr) is not None or isinstance(expr, ast.List | ast.Tuple) or bool(named)

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
            if table.WHOLE_NUMBERS.search(self.written(one.value)):
                raise UnknownError(f"not read: {self.written(expr.func)}(...) makes whole numbers")

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
        if axes is not None and min(axes, default=0) < -1 and -1 not in axes:
            raise UnknownError(
                f"not read: the axis {min(axes)} in {excerpt(written)}(...), not that of the coordinates"
            )
        if (bare and not named) or (named and self.keyword(named[0]) == "dims"):
            if axes == (1,) and (named or self.program.elementwise):
                return None
            if axes == (2,) and within and (named or self.program.elementwise):
                return (0,)
            raise UnknownError(
                f"ambiguous: the axis in {excerpt(written)}(...), which may be that of samples; leave it out"
            )
        one_of_r = self.program.r and bool(named) and self.keyword(named[0]) == "dim" and 1 in (axes or ())
        if one_of_r and "." in written and not written.startswith(("torch.", "tf.")):
            raise UnknownError(f"ambiguous: the axis 1 in {excerpt(written)}(...), which R counts from 1; leave it out")
        if written.rpartition(".")[2].startswith(("k_", "op_", "torch_")) and axes is not None:
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
        if value in (1, -1) and self.is_of_parameter(expr):
            return Name(written, "n")
        raise UnknownError(f"not part of a formula: the size {excerpt(written)}")

    def is_of_parameter(self, expr: ast.expr) -> bool:
        """Whether a size is that of a parameter or of something computed, and not of the data."""
        while isinstance(expr, ast.Call | ast.Subscript | ast.Attribute):
            parts = self.chain(expr)
            if parts is not None and self.program.words[parts[-1]].spelling not in ("shape", "size"):
                break
            if isinstance(expr, ast.Call):
                expr = expr.func if isinstance(expr.func, ast.Attribute) and self.is_shape(expr) else expr.args[0]
            else:
                expr = expr.value
        parts = self.chain(expr)
        if parts is None or isinstance(self.variables.get(".".join(parts)), Value):
            return True
        return says_parameter(".".join(self.spellings(parts)))

    def is_shape(self, expr: ast.expr) -> bool:
        """Whether an expression is the shape of something: ``x.shape``, ``tf.shape(x)``, ``x.size()``."""
        if isinstance(expr, ast.Attribute):
            return self.program.words[expr.attr].spelling == "shape"
        if isinstance(expr, ast.Call) and isinstance(expr.func, ast.Attribute):
            return self.program.words[expr.func.attr].spelling in ("shape", "size", "int_shape", "get_shape")
        return False
