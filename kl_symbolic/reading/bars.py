"""Traces, determinants, norms and absolute values in the grammar; `matrices` gives them a meaning."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

from kl_symbolic.reading.alphabet import BAR
from kl_symbolic.reading.sums import Sums
from kl_symbolic.reading.syntax import Call, Node, Times

CLOSING = {"(": ")", "[": "]", "{": "}"}
# The words of matrices, and the calls that `kl_symbolic.reading.matrices` sees.
MATRICES = {"tr": "tr", "Tr": "tr", "trace": "tr", "det": "det", "logdet": "logdet", "diag": "diag"}


class Factor(NamedTuple):
    """A factor, what it looks like, and where it begins: ``bare`` is a function without parentheses."""

    node: Node
    shape: str
    start: int


class Bars(Sums):
    """Read what is said with matrices, and what stands between bars."""

    matrices = 0  # how many traces, determinants and bars there are around the place: in these Σ is a matrix
    bars = ""  # the bar that would close here

    @abstractmethod
    def power(self) -> Factor:
        """Read an atom and its exponent."""

    def of_matrices(self) -> Node:
        r"""Read a trace or a determinant: ``tr(...)``, ``\det\Sigma``, ``\mathrm{tr} \Sigma_2^{-1} \Sigma_1``."""
        start = self.at
        function = MATRICES[self.next().text]
        self.deeper()
        self.matrices += 1
        if self.sees(*CLOSING):
            argument = self.one_argument(function, start)
        else:
            factors = [self.power().node]
            while self.token.kind in ("name", "sum") and self.token.text.startswith(("Sigma", "Σ")):
                factors.append(self.power().node)
            argument = Times(tuple(factors)) if len(factors) > 1 else factors[0]
        self.matrices -= 1
        self.depth -= 1
        return Call("log", Call("det", argument)) if function == "logdet" else Call(function, argument)

    def between_bars(self) -> Node:
        """Read a determinant or an absolute value between bars, a norm between double ones."""
        start, around = self.at, self.bars
        self.bars = bar = self.next().text
        self.deeper()
        self.matrices += 1
        inner = self.sum()
        self.matrices -= 1
        self.depth -= 1
        self.expect(bar)
        self.bars = around
        if bar == BAR:
            return Call("bars", inner)
        if self.token.kind == "sub" and self.next().text != "2":
            self.fail(f"only the Euclidean norm is read: {self.slice(start)}")
        return Call("norm", inner)
