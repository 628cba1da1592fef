"""Expressions of Python's parser as trees of a formula; nothing is run."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from fractions import Fraction

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.code import calls as table
from kl_symbolic.reading.code.lexemes import TRANSPOSE
from kl_symbolic.reading.code.lines import ParsedCode
from kl_symbolic.reading.code.values import UnknownError, Unread, Value, height
from kl_symbolic.reading.syntax import (
    MOST_DEPTH,
    Name,
    Node,
    Number,
    Power,
    Samples,
    walk,
)
from kl_symbolic.reading.tokens import number

MOST_NODES = 5_000  # of all expressions together, with what is put in place of variables
REFUSED = {
    ast.Lambda: "a lambda", ast.ListComp: "a comprehension", ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension", ast.GeneratorExp: "a comprehension", ast.NamedExpr: "the operator :=",
    ast.Await: "await", ast.Yield: "yield", ast.YieldFrom: "yield", ast.JoinedStr: "an f-string",
    ast.IfExp: "a condition, if ... else", ast.Compare: "a comparison", ast.BoolOp: "a condition, and/or",
    ast.Starred: "a starred argument", ast.Not: "the operator not", ast.Invert: "the operator ~",
}  # fmt: skip


@dataclass
class Expressions(ABC):
    """Read expressions, where `variables` are put in place."""

    program: ParsedCode
    variables: dict[str, Value | Unread] = field(default_factory=dict)
    defaults: dict[str, ast.expr] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    inputs: dict[Node, str] = field(default_factory=dict)  # names of what was not read, and how that was made
    open: dict[Node, RequestError] = field(default_factory=dict)  # names of what cannot stay, and why
    losses: set[Node] = field(default_factory=set)  # names of losses that are no divergence
    subtracted: list[Node] = field(default_factory=list)
    redefined: set[str] = field(default_factory=set)  # names of functions that are the code's own
    imported: set[str] = field(default_factory=set)  # names that packages give which are not known
    reshaped: set[Node] = field(default_factory=set)  # whose axes are other ones than before
    used: set[str] = field(default_factory=set)
    count: int = 0

    @abstractmethod
    def operation(self, expr: ast.BinOp, depth: int) -> Node:
        """Read operators."""

    @abstractmethod
    def call(self, expr: ast.Call, depth: int) -> Node:
        """Read a function or a method."""

    @abstractmethod
    def subscript(self, expr: ast.Subscript, depth: int) -> Node:
        """Read what has an index."""

    def read(self, expr: ast.expr, depth: int = 0) -> Node:
        """Return the tree of an expression.

        Raises
        ------
        RequestError
            If it is no formula; `UnknownError` if only a function in it is not known.
        """
        self.counted(1)
        if depth > MOST_DEPTH:
            raise RequestError(f"not a formula: it is nested more than {MOST_DEPTH} deep")
        match expr:
            case ast.Name() | ast.Attribute():
                return self.name(expr, depth)
            case ast.BinOp():
                return self.operation(expr, depth)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return table.minus(self.read(operand, depth + 1))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, depth + 1)
            case ast.Call():
                return self.call(expr, depth + 1)
            case ast.Subscript():
                return self.subscript(expr, depth + 1)
            case ast.IfExp(body=body, orelse=other):
                return self.either(body, other, depth + 1)
            case ast.Constant(value=str()):
                raise UnknownError(f"not part of a formula: the string {expr.value!r}")
        self.structural(expr)
        raise UnknownError(f"not part of a formula: {self.written(expr)}")

    def either(self, one: ast.expr, other: ast.expr, depth: int) -> Node:
        """Read ``x if ... else tensor(x)``, whose value is the same in both cases."""
        first, second = self.read(one, depth), self.read(other, depth)
        if first != second:
            raise UnknownError(f"not read: {REFUSED[ast.IfExp]} in code; paste the formula alone")
        return first

    def structural(self, expr: ast.expr) -> None:
        """Refuse what is no part of a formula, wherever it stands."""
        for part in ast.walk(expr):
            if type(part) in REFUSED:
                sums = isinstance(part, ast.ListComp | ast.GeneratorExp)
                instead = "write a sum over the coordinates, sum(...)" if sums else "paste the formula alone"
                raise UnknownError(f"not read: {REFUSED[type(part)]} in code; {instead}")

    def value(self, node: Node) -> Value:
        """Measure a tree."""
        return Value(node, sum(1 for _ in walk(node)), height(node))

    def counted(self, size: int) -> None:
        """Count nodes, and refuse too many."""
        self.count += size
        if self.count > MOST_NODES:
            raise RequestError(f"not a formula: code that writes out to more than {MOST_NODES} parts")

    def numeral(self, expr: ast.expr) -> Fraction | None:
        """Return the value of a numeral, perhaps with a minus sign."""
        if isinstance(expr, ast.UnaryOp) and isinstance(expr.op, ast.USub):
            value = self.numeral(expr.operand)
            return None if value is None else -value
        text = self.program.numerals.get(expr.id) if isinstance(expr, ast.Name) else None
        return None if text is None else number(text)

    def chain(self, expr: ast.expr) -> list[str] | None:
        """Return the placeholders of a dotted name, or None if it is none."""
        parts: list[str] = []
        while isinstance(expr, ast.Attribute):
            parts.append(expr.attr)
            expr = expr.value
        if not isinstance(expr, ast.Name) or expr.id in self.program.numerals:
            return None
        return [expr.id, *reversed(parts)]

    def key(self, expr: ast.expr) -> str | None:
        """Return by what a variable is known: a dotted name, or one with a string in brackets."""
        if isinstance(expr, ast.Subscript) and isinstance(expr.slice, ast.Constant | ast.Name):
            base = self.key(expr.value)
            inside = repr(expr.slice.value) if isinstance(expr.slice, ast.Constant) else expr.slice.id
            return None if base is None else f"{base}[{inside}]"
        parts = self.chain(expr)
        return None if parts is None else ".".join(parts)

    def spellings(self, parts: list[str]) -> list[str]:
        """Return what the placeholders stand for."""
        return [self.program.words[part].spelling for part in parts]

    def written(self, expr: ast.expr) -> str:
        """Write an expression for a message."""
        match expr:
            case ast.Name(id=name):
                word = self.program.words.get(name)
                return word.written if word else self.program.numerals.get(name, name)
            case ast.Attribute(value=value, attr=attr):
                return f"{self.written(value)}.{self.program.words[attr].written}"
            case ast.Call(func=func, args=args, keywords=[]) if all(isinstance(one, ast.Name) for one in args):
                return f"{self.written(func)}({', '.join(map(self.written, args))})"
            case ast.Call(func=func):
                return f"{self.written(func)}(...)"
            case ast.Subscript(value=value, slice=ast.Constant(value=inside)):
                return f"{self.written(value)}[{'...' if inside is ... else repr(inside)}]"
            case ast.Subscript(value=value, slice=ast.Name() as inside):
                return f"{self.written(value)}[{self.written(inside)}]"
            case ast.Subscript(value=value):
                return f"{self.written(value)}[...]"
            case ast.List() | ast.Tuple() | ast.Dict() | ast.Set():
                return "a list"
            case ast.Constant(value=value):
                return str(value)
        return "(...)"

    def name(self, expr: ast.Name | ast.Attribute, depth: int) -> Node:
        """Read a name: a numeral, a variable, pi, a count of samples, or a parameter."""
        value = self.numeral(expr)
        if value is not None:
            return Number(value)
        parts = self.chain(expr)
        if parts is None:
            assert isinstance(expr, ast.Attribute)
            if self.program.words[expr.attr].spelling in table.SAME_ATTRIBUTES:
                return self.read(expr.value, depth + 1)
            if (
                isinstance(expr.value, ast.Subscript)
                and (base := self.read(expr.value, depth + 1))
                and isinstance(base, Name)
            ):
                word = self.program.words[expr.attr]
                return Name(f"{base.written}.{word.written}", f"{base.spelling}.{word.spelling}")
            raise UnknownError(f"not part of a formula: {self.written(expr)}")
        words = self.spellings(parts)
        samples = bool(table.SAMPLES.fullmatch(words[-1]))
        dimension = bool(table.DIMENSION.fullmatch(words[-1]))
        known = self.variables.get(".".join(parts))
        counts = (samples or dimension) and isinstance(known, Value) and isinstance(known.node, Number)
        if known is not None and not counts:
            return self.variable(expr, known, depth)
        if len(parts) > 1 and words[-1] in table.SAME_ATTRIBUTES:
            return self.read(expr.value, depth + 1)  # type: ignore[union-attr]
        if len(parts) > 1 and isinstance(self.variables.get(parts[0]), Value):
            raise UnknownError(f"not part of a formula: {self.written(expr)}")
        if words[-1] in ("T", "mT", TRANSPOSE) and len(words) > 1:
            raise UnknownError(f"not part of a formula: {self.written(expr)}, a transpose")
        if constant := table.constant(words):
            return Name(constant, constant)
        written = self.written(expr)
        if samples:
            return Samples(written)
        if dimension:
            return Name(written, "n")
        name = Name(written, ".".join(words))
        if table.OTHER_LOSS.fullmatch(words[-1]):
            self.losses.add(name)
        return self.squared(expr, name)

    def squared(self, expr: ast.expr, name: Name) -> Node:
        """Return a name, or its square where it was written with a small 2: σ²."""
        parts = self.chain(expr) or []
        count = sum(self.program.words[part].squared for part in parts)
        if count and not (count == 1 and self.program.words[parts[-1]].squared):
            raise UnknownError(f"not part of a formula: {name.written}")
        return Power(name, table.TWO) if count else name

    def variable(self, expr: ast.expr, known: Value | Unread, depth: int) -> Node:
        """Put the value of a variable in its place."""
        self.used.add(self.key(expr) or "")
        if isinstance(known, Value):
            self.counted(known.size)
            if depth + known.height > MOST_DEPTH:
                raise RequestError(f"not a formula: it is nested more than {MOST_DEPTH} deep")
            return known.node
        written = self.written(expr)
        name = Name(written, ".".join(re.findall(r"\w+", self.spelled(expr))))
        if table.OTHER_LOSS.fullmatch(name.spelling):
            self.losses.add(name)
            self.open.setdefault(name, known.error)
        elif not known.words or table.names_quantity(written):
            raise known.error
        else:
            self.inputs[name] = f"{written} stands for {known.words}"
        return self.squared(expr, name)

    def spelled(self, expr: ast.expr) -> str:
        """Spell what a variable is known by."""
        parts = self.chain(expr)
        return self.written(expr) if parts is None else ".".join(self.spellings(parts))
