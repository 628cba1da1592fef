"""Losses that are no divergence, beside one in code: the reconstruction in the loss of an autoencoder."""

from __future__ import annotations

from dataclasses import replace

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.code import calls as table
from kl_symbolic.reading.code.functions import Functions
from kl_symbolic.reading.code.values import Unread, Value
from kl_symbolic.reading.syntax import Inverse, Name, Negative, Node, Plus, Reduction, Samples, Times, walk
from kl_symbolic.reading.tokens import excerpt


class Losses(Functions):
    """Tell the terms of a loss apart."""

    def without_other_losses(self, node: Node) -> Node:
        """Leave out the terms of a loss that are plainly about something else: a reconstruction."""
        if isinstance(node, Reduction):
            return replace(node, body=self.without_other_losses(node.body))
        if isinstance(node, Times) and all(
            isinstance(one, Plus) or (isinstance(one, Inverse) and isinstance(one.inner, Samples))
            for one in node.factors
        ):
            return Times(tuple(map(self.without_other_losses, node.factors)))
        if not isinstance(node, Plus):
            return node
        others = [term for term in node.terms if self.is_other_loss(term)]
        kept = [term for term in node.terms if term not in others]
        if not others or not kept:
            return node
        names = [
            part.written for term in others for part in walk(term) if isinstance(part, Name) and part in self.losses
        ]
        if any(term in self.subtracted for term in kept):
            raise RequestError(
                f"not read: a bound rather than a divergence, {names[0]} minus it; paste its formula alone"
            )
        for name in names:
            self.notes.setdefault(f"the reconstruction term {name} is left out")
        kept = [self.without_other_losses(term) for term in kept]
        return table.plus(*kept) if len(kept) > 1 else kept[0]

    def is_other_loss(self, node: Node) -> bool:
        """Whether a term is a loss that is no divergence, perhaps with a weight."""
        match node:
            case Negative(inner) | Reduction(_, inner):
                return self.is_other_loss(inner)
            case Times(factors):
                return any(map(self.is_other_loss, factors))
            case Plus(terms):
                return all(map(self.is_other_loss, terms))
        return node in self.losses

    def about_data(self, key: str, known: Value | Unread) -> Value | Unread:
        """Return what a variable was given; a loss about the data, such as a squared error, is no formula."""
        if isinstance(known, Unread) or not table.OTHER_LOSS.fullmatch(self.shown(key).rpartition(".")[2]):
            return known
        for part in walk(known.node):
            if part in self.open:
                return Unread(self.open[part])
        data = [
            part.written for part in walk(known.node) if isinstance(part, Name) and table.DATA.fullmatch(part.spelling)
        ]
        return Unread(RequestError(f"no parameter {excerpt(data[0])!r}")) if data else known

    def shown(self, key: str) -> str:
        """Write a variable for a message."""
        parts = (self.program.words.get(part) for part in key.partition("[")[0].split("."))
        return ".".join(word.written for word in parts if word)
