"""What of a derivation is computed: the formula for one coordinate, as a program, and its parameters by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from kl_symbolic import engine
from kl_symbolic.closed_forms.exact_values import NOT_VECTORS
from kl_symbolic.closed_forms.segment import Segment, segment_between
from kl_symbolic.code.error_bound import ErrorBound, error_bounds
from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.code.program import Program
from kl_symbolic.code.segment import segment_value
from kl_symbolic.code.stable_program import question_of_coordinate
from kl_symbolic.code.stated_domain import stated_interval
from kl_symbolic.code.trace import Tracer
from kl_symbolic.derivation import Derivation
from kl_symbolic.divergences import find_quantity, restatement_of
from kl_symbolic.errors import NoClosedFormError, RequestError
from kl_symbolic.families import Parameter
from kl_symbolic.numeric.axes import NO_AXIS, AnyAxis
from kl_symbolic.numeric.formula import ParameterSpace, arguments_by_name, words_beside
from kl_symbolic.numeric.inputs import common_shape
from kl_symbolic.proof.parameters import base_of, bound_of, domain_of, parameter_records, symbol_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.special import put_in
from kl_symbolic.proof.stable import edge_values
from kl_symbolic.proof.stable_terms import tidied
from kl_symbolic.proof.statement import laws, unit_in_nats
from kl_symbolic.terms import Number, Symbol, Term


@dataclass(frozen=True)
class Computed:
    """What is computed of a closed form.

    Parameters
    ----------
    derivation
        Of the closed form, with values in place of parameters if it is a special case.
    """

    derivation: Derivation

    @property
    def question(self) -> Question:
        """What was asked for."""
        return self.derivation.question

    @property
    def is_gradient(self) -> bool:
        """Whether it has several values: derivatives."""
        return find_quantity(self.question.quantity).differentiated

    @property
    def is_product(self) -> bool:
        """Whether parameters are vectors."""
        return laws(self.question).p.head == "ProductLaw"

    def axis_of(self, arguments: Mapping[str, Any]) -> AnyAxis:
        """Return what is summed over: the last axis of the parameters of product laws, that of the coordinates.

        Raises
        ------
        RequestError
            If it is missing, or has another size than the laws have coordinates.
        """
        if not self.is_product:
            return NO_AXIS
        shape = common_shape(arguments)
        if not shape:
            raise RequestError(NOT_VECTORS)
        if self.question.dim not in (None, shape[-1]):
            raise RequestError(
                f"the laws have {self.question.dim} coordinates, the last axis of the parameters {shape[-1]}"
            )
        return NO_AXIS if self.is_gradient else -1

    @cached_property
    def parameters(self) -> dict[str, Term]:
        """The free parameters by the names of the arguments."""
        special = self.derivation.special
        fixed = {base_of(name) for name, _ in special.values} if special else set()
        own = {str(base_of(ours)): symbol.name for ours, symbol in special.names} if special else {}
        free = (one for one in laws(self.question).parameters if base_of(one) not in fixed)
        return {own.get(str(base_of(one)), str(base_of(one))): one for one in free}

    @cached_property
    def records(self) -> dict[str, Parameter]:
        """What the families say of the parameters, by the names of the arguments."""
        records = dict(zip(laws(self.question).parameters, parameter_records(self.question), strict=True))
        return {name: records[ours] for name, ours in self.parameters.items()}

    @cached_property
    def symbols(self) -> dict[str, Symbol]:
        """The parameters of one coordinate by the names of the arguments."""
        return {name: symbol_of(self._scalars[ours]) for name, ours in self.parameters.items()}

    @cached_property
    def spaces(self) -> dict[str, ParameterSpace]:
        """Where the parameters lie, by the names of the arguments."""
        found = {}
        for name, ours in self.parameters.items():
            low = self.lows.get(name)
            above = float(low) if isinstance(low, Fraction) else low
            found[name] = ParameterSpace(domain_of(ours), tuple(self.edges.get(self._scalars[ours], ())), above)
        return found

    @cached_property
    def lows(self) -> dict[str, str | Fraction]:
        """What parameters lie above, beside the ends of their domains: a number, or another parameter by name."""
        names = {base_of(ours): name for name, ours in self.parameters.items()}
        special = self.derivation.special
        values = {base_of(ours): value for ours, value in special.values} if special else {}
        found: dict[str, str | Fraction] = {}
        for name, ours in self.parameters.items():
            low = bound_of(ours)
            if low is not None:
                low = low if isinstance(low, Number) else values.get(base_of(low), low)
                found[name] = low.value if isinstance(low, Number) else names[base_of(low)]
        return found

    @property
    def bounds(self) -> tuple[str, ...]:
        """What is said of parameters beside their domains."""
        return tuple(f"{name} > {low}" for name, low in self.lows.items())

    @cached_property
    def scalar(self) -> Question:
        """The question about one coordinate."""
        return question_of_coordinate(self.question)

    @cached_property
    def closed(self) -> Term:
        """The closed form for one coordinate."""
        return self._with_values(engine.derive(self.scalar).statement.right)

    def restated(self, question: Question) -> Derivation | None:
        """Return the derivation of the stable form of a question, if there is one."""
        other = restatement_of(question.quantity)
        if other is None:
            return None
        try:
            return Derivation(engine.derive(replace(question, quantity=other)))
        except NoClosedFormError:
            return None

    @cached_property
    def stable(self) -> Term | None:
        """The stable form for one coordinate, if one is known."""
        found = self.restated(self.scalar)
        return None if found is None else self._with_values(found.statement.right)

    @cached_property
    def segment(self) -> Segment | None:
        """Taylor's formula from P to Q where no stable form is known; None where there is none."""
        return segment_between(self.scalar) if self.stable is None else None

    @cached_property
    def program(self) -> Program:
        """The stable form as a program; where none is known, the closed form, and Taylor's formula near P = Q."""
        tracer = Tracer({symbol: name for name, symbol in self.symbols.items()})
        term = self.closed if self.stable is None else self.stable
        results = tuple(tracer.node(value) for value in (term.args if term.head == "Vector" else (term,)))
        if self.segment:
            p, q = ([self._with_values(value) for value in law] for law in (self.segment.p, self.segment.q))
            unit = tracer.node(unit_in_nats(self.scalar))
            results = (segment_value(self.segment.form, tracer, p, q, results[0], unit),)
        question = self.question
        words = (question.quantity, question.p, question.q, question.param_p, question.param_q)
        name = "_".join(dict.fromkeys(word for word in words if word))
        return Program(name, tuple(self.parameters), results, summed=self.is_product and not self.is_gradient)

    def arguments(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments that somebody gives by name, as `arguments_by_name` does."""
        words = words_beside({name: one.meaning for name, one in self.records.items()})
        return arguments_by_name(tuple(self.parameters), words, parameters)

    @cached_property
    def within(self) -> dict[str, FloatInterval]:
        """Where the arguments lie for which bounds of errors are stated."""
        return {name: stated_interval(record) for name, record in self.records.items()}

    @cached_property
    def error_bounds(self) -> tuple[ErrorBound, ...]:
        """A bound of the error of each value."""
        return error_bounds(self.program, self.within)

    @cached_property
    def edges(self) -> dict[Term, dict[int, Term]]:
        """The parameters of one coordinate with edges: the divergence by the end of the domain."""
        if not find_quantity(self.question.quantity).is_divergence or self.stable is None:
            return {}
        special = self.derivation.special
        put = {self._scalars.get(one, one) for pair in (special.values if special else ()) for one in pair}
        return {
            symbol: {at: self._with_values(value) for at, value in ends.items()}
            for symbol, ends in edge_values(self.scalar).items()
            if symbol not in put
        }

    @cached_property
    def _scalars(self) -> dict[Term, Term]:
        """Return the parameters of one coordinate by those of the question."""
        return dict(zip(laws(self.question).parameters, laws(self.scalar).parameters, strict=True))

    def _with_values(self, term: Term) -> Term:
        special, table = self.derivation.special, self._scalars
        values = [(table.get(a, a), table.get(b, b)) for a, b in special.values] if special else []
        return tidied(put_in(term, values))
