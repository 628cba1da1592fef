r"""Sums over the coordinates in the grammar, and products: ``\sum_{i=1}^n``, ``Σ(...)``, ``\prod_i``."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from kl_symbolic.reading.cursor import Cursor
from kl_symbolic.reading.syntax import Call, Entries, Node, Total
from kl_symbolic.reading.tokens import Kind

PRODUCT = "prod"  # a call that only `kl_symbolic.reading.matrices` sees
_LIMIT = re.compile(r"([a-z])(?:=1|∈[A-Za-z]+)?", re.ASCII)


class Sums(Cursor, ABC):
    """Read sums and products over the coordinates."""

    @abstractmethod
    def sum(self) -> Node:
        """Read terms with + and - between."""

    @abstractmethod
    def term(self) -> Node:
        """Read a product."""

    @abstractmethod
    def group(self) -> Node:
        """Read what stands in parentheses or brackets."""

    def one_argument(self, function: str, start: int) -> Node:
        """Read the only argument of a function, in parentheses."""
        argument = self.group()
        if isinstance(argument, Entries):
            self.fail(f"{function} takes one argument: {self.slice(start)}")
        return argument

    def total(self) -> Node:
        """Read a sum or a product; its body reaches up to the next + or -."""
        start = self.at
        self.deeper()
        kind = self.next().kind
        index, upper = self.limits(start)
        node = Total(self.term(), index, upper)
        self.depth -= 1
        return node if kind == "sum" else Call(PRODUCT, node)

    def limits(self, start: int) -> tuple[str | None, str | None]:
        """Read the index of a sum and its upper limit."""
        below, above = None, None
        while self.token.kind in ("sub", "sup") or self.sees("^"):
            token = self.next()
            if token.kind == "sub" and below is None:
                below = _LIMIT.fullmatch(token.text)
                if below is None:
                    self.fail(f"the index of a sum starts from 1: {self.slice(start)}; write \\sum_{{i=1}}^n")
            elif above is None and token.kind in ("sup", "mark"):
                above = token.text if token.kind == "sup" else self.upper_limit()
            else:
                self.fail(f"the limits of a sum are not understood: {self.slice(start)}")
        return (below[1] if below else None), above

    def upper_limit(self) -> str:
        """Read the upper limit of a sum: a number, or a name with its index."""
        braced = self.sees("{")
        if braced:
            self.next()
        token = self.next()
        if token.kind not in ("number", "name"):
            self.fail("the upper limit of a sum is a number or a letter")
        text = token.text
        while braced and self.token.kind == "sub":
            text += "_" + self.next().text
        if braced:
            self.expect("}")
        return text

    def call_of_sum(self) -> Node:
        """Read ``Sum(body, (i, 1, n))``."""
        start = self.at
        self.deeper()
        self.next()
        self.expect("(")
        body = self.sum()
        self.expect(",")
        bounds = self.at
        kinds: list[Kind] = ["mark", "name", "mark", "number", "mark", "name", "mark"]
        found = self.tokens[bounds : bounds + len(kinds)]
        if len(found) == len(kinds) and found[5].kind == "number":
            kinds[5] = "number"
        written = "".join(t.text for t in found)
        if [t.kind for t in found] != kinds or not re.fullmatch(r"\([a-z],1,[A-Za-z0-9]+\)", written, re.ASCII):
            self.at = min(bounds + len(kinds), len(self.tokens) - 1)
            self.fail(f"not a sum over the coordinates: {self.slice(start)}; expected: Sum(..., (i, 1, n))")
        self.at += len(kinds)
        self.expect(")")
        self.depth -= 1
        return Total(body, found[1].text, found[5].text)
