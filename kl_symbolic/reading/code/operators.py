"""Sums, products, quotients, powers and transposes in code as parts of a formula."""

from __future__ import annotations

import ast
from abc import abstractmethod

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.code import calls as table
from kl_symbolic.reading.code.expressions import Expressions
from kl_symbolic.reading.code.lexemes import TRANSPOSE
from kl_symbolic.reading.code.values import UnknownError
from kl_symbolic.reading.syntax import Inverse, Negative, Node, Number, Power, Reduction

OPERATORS = {
    ast.FloorDiv: "//", ast.Mod: "%", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^",
    ast.BitAnd: "&",
}  # fmt: skip


class Operators(Expressions):
    """Read what is made of operators."""

    @abstractmethod
    def norm(self, expr: ast.Call, depth: int) -> Node | None:
        """Return the square of a norm if this is one."""

    def operation(self, expr: ast.BinOp, depth: int) -> Node:
        """Read operators; a chain of them, ``a + b - c``, is flat."""
        if isinstance(expr.op, ast.Pow):
            return self.power(expr, depth)
        if isinstance(expr.op, ast.MatMult):
            return self.inner(expr.left, expr.right, depth)
        if isinstance(expr.op, ast.FloorDiv) and self.program.julia:  # 1//2 is a half in Julia
            top, bottom = self.numeral(expr.left), self.numeral(expr.right)
            if top is not None and bottom is not None:
                return table.times(Number(top), Inverse(Number(bottom)))
        for kind, sign in OPERATORS.items():
            if isinstance(expr.op, kind):
                raise UnknownError(f"no operator {sign} in a formula; there are + - * / **")
        group = (ast.Add, ast.Sub) if isinstance(expr.op, ast.Add | ast.Sub) else (ast.Mult, ast.Div)
        links: list[tuple[ast.operator, ast.expr]] = []
        left: ast.expr = expr
        while isinstance(left, ast.BinOp) and isinstance(left.op, group):
            self.refuse_whole_quotient(left)
            links.append((left.op, left.right))
            left = left.left
        parts, last = [], left
        if not self.is_apostrophe(left):
            parts.append(self.read(left, depth + 1))
        for op, right in reversed(links):
            if self.is_apostrophe(last) and isinstance(op, ast.Mult):  # mu'*mu
                part = self.inner(last, right, depth)
            elif self.is_apostrophe(right) and all(isinstance(one, Number) for one in parts):
                last = right
                continue
            else:
                part = self.read(right, depth + 1)
            last = right
            match op:
                case ast.Sub():
                    part = Negative(part)
                    if self.chain(right) is not None:
                        self.subtracted.append(part)
                case ast.Div():
                    part = Inverse(part)
            parts.append(part)
        if self.is_apostrophe(last):
            raise UnknownError(f"not part of a formula: {self.written(last)}, a transpose")
        if len(parts) == 1:
            return parts[0]
        return table.plus(*parts) if ast.Add in group else table.times(*parts)

    def refuse_whole_quotient(self, expr: ast.BinOp) -> None:
        """Refuse 1/2 in languages where it is 0."""
        if not (self.program.declared and isinstance(expr.op, ast.Div)):
            return
        leaves = [part for part in ast.walk(expr) if isinstance(part, ast.Name | ast.Attribute | ast.Call)]
        whole = [self.program.numerals.get(part.id, "x") if isinstance(part, ast.Name) else "x" for part in leaves]
        right = self.program.numerals.get(expr.right.id, "x") if isinstance(expr.right, ast.Name) else "x"
        if right.isdigit() and all(one.isdigit() for one in whole):
            raise RequestError(
                f"not read: {'/'.join(whole)}, which is a whole number where kl has a type; write {whole[0]}.0"
            )

    def is_apostrophe(self, expr: ast.expr) -> bool:
        """Whether an expression is transposed as in MATLAB."""
        return isinstance(expr, ast.Attribute) and self.program.words[expr.attr].spelling == TRANSPOSE

    def power(self, expr: ast.BinOp, depth: int) -> Node:
        """Read a power; the square of a norm is a sum of squares."""
        tower = expr.right.operand if isinstance(expr.right, ast.UnaryOp) else expr.right
        if self.program.caret and isinstance(tower, ast.BinOp) and isinstance(tower.op, ast.Pow):
            raise RequestError("ambiguous: a power in an exponent, a^b^c; write parentheses")
        exponent = self.read(expr.right, depth + 1)
        if isinstance(expr.left, ast.Call) and exponent == table.TWO:  # norm(mu)**2
            squared = self.norm(expr.left, depth + 1)
            if squared is not None:
                return squared
        return Power(self.read(expr.left, depth + 1), exponent)

    def inner(self, left: ast.expr, right: ast.expr, depth: int) -> Node:
        """Read the product of a vector with itself, ``mu.T @ mu``."""
        first, second = self.read(self.untransposed(left), depth + 1), self.read(self.untransposed(right), depth + 1)
        if first != second or (self.is_transposed(left) and self.is_transposed(right)):
            raise UnknownError("not part of a formula: a product of matrices; write a sum over the coordinates")
        if self.is_transposed(right):
            self.notes.setdefault(f"the product of {self.written(left)} with its transpose is read as a sum of squares")
        return Reduction("sum", Power(first, table.TWO))

    def is_transposed(self, expr: ast.expr) -> bool:
        """Whether an expression is a transpose: ``x.T``, ``x.t()``, ``t(x)``."""
        return self.untransposed(expr) is not expr

    def untransposed(self, expr: ast.expr) -> ast.expr:
        """Return what is transposed."""
        match expr:
            case ast.Attribute(value=value, attr=attr) if self.program.words[attr].spelling in ("T", "mT", TRANSPOSE):
                return value
            case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[], keywords=[]):
                return value if self.program.words[attr].spelling in ("t", "transpose") else expr
            case ast.Call(func=ast.Name(id=name), args=[value], keywords=[]) if name in self.program.words:
                return value if self.program.words[name].spelling in ("t", "transpose") else expr
        return expr
