"""Test vectors: parameters as exact doubles, with values of which every digit is certain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from kl_symbolic.api import derive, prove
from kl_symbolic.arguments import checked, given
from kl_symbolic.derivation import Derivation
from kl_symbolic.divergences import DEFAULT_QUANTITY, find_quantity
from kl_symbolic.errors import RequestError
from kl_symbolic.numbers import dimension, instantiate
from kl_symbolic.proof.parameters import records_by_law
from kl_symbolic.proof.question import Law, Param, RequestOptions, Route, Unit
from kl_symbolic.proof.statement import laws
from kl_symbolic.reference.kinds import KINDS, Kind, Points, not_for
from kl_symbolic.reference.space import Coordinates, PointSpace, space_of
from kl_symbolic.reference.table import Decimals, TestParameter, TestVector, Vectors
from kl_symbolic.reference.values import CertainValues
from kl_symbolic.terms import DIMENSION, Term

MOST_VECTORS = 100_000
MOST_CERTAIN_DIGITS = 2_000
LARGEST_SEED = 2**63 - 1
MOST_PARAMETERS = 1_000_000  # of all vectors together
ATTEMPTS, FIRST_ATTEMPTS = 20, 200  # for each vector of a kind, and besides


@checked
def vectors(
    p: Law | str | object,
    q: Law | str | object | None = None,
    *,
    count: int = 200,
    digits: int = 50,
    seed: int = 0,
    gradient: bool = False,
    where: str | Sequence[str] | None = None,
    quantity: str = DEFAULT_QUANTITY,
    route: Route | None = None,
    param: Param | str | None = None,
    param_p: Param | str | None = None,
    param_q: Param | str | None = None,
    dim: int | None = None,
    unit: Unit = "nats",
    of: str | None = None,
) -> Vectors:
    """Make test vectors for implementations of a divergence: exact parameters, and values to many digits.

    Parameters
    ----------
    p, q, where, quantity, route, param, param_p, param_q, dim, unit, of
        As for `kl_symbolic.derive`; product laws need a dimension.
    count
        How many vectors, 1 to 100,000: in equal shares *ordinary* parameters; *near-equal* ones, of which those of Q
        are at relative distances from 1e-15 to 1e-1 of those of P; *edge*, with standard values, ends of domains and
        of double precision, and equal laws; *extreme*, from 1e-300 to 1e300.
    digits
        Significant digits of each value, 1 to 2000; all are certain.
    seed
        The same seed gives the same vectors on every machine.
    gradient
        Whether to add the derivatives by all parameters.

    Returns
    -------
    Vectors
        Each value is 0 or a normal number of double precision; a point where it is not, or not certain, is left out and
        another one drawn. `Vectors.notes` say of which kinds there are none, or fewer.

    Raises
    ------
    RequestError
        If an option does not fit, or no vector is found.
    MissingProgramError
        If the values need python-flint, and it is not installed.
    NoClosedFormError, ProofError
        As `kl_symbolic.derive` and `kl_symbolic.prove`.

    Examples
    --------
    >>> made = vectors("exponential", "exponential", count=4, digits=20)
    >>> [row.kind for row in made.rows]
    ['ordinary', 'near-equal', 'edge', 'extreme']
    >>> made.rows[2].parameters["lambda_1"] == made.rows[2].parameters["lambda_2"], made.rows[2].value
    (True, '0')
    """
    _require("count", count, 1, MOST_VECTORS)
    _require("digits", digits, 1, MOST_CERTAIN_DIGITS)
    _require("seed", seed, -LARGEST_SEED, LARGEST_SEED)
    options = RequestOptions(
        quantity=quantity, of=of, route=route, dim=dim, unit=unit, param=param, param_p=param_p, param_q=param_q
    )
    derivation = derive(p, q, where=where, **options)
    question = derivation.question
    kind_of = find_quantity(question.quantity)
    if kind_of.of == "parameter" or kind_of.differentiated or kind_of.right:
        advice = "; for derivatives beside the divergence, ask for its gradient" if kind_of.differentiated else ""
        raise RequestError(f"test vectors are of a number, and {kind_of.words} is none{advice}")
    space = space_of(derivation, dimension(question))
    if question.dim is None and laws(question).p.head == "ProductLaw":
        raise RequestError(f"the dimension of {question.p} is a symbol; say which one: dim=3")
    if count * space.size * len(space.drawn) > MOST_PARAMETERS:
        raise RequestError(f"vectors of more than {MOST_PARAMETERS} parameters together; ask for fewer")
    slopes = None
    if gradient:
        if not kind_of.is_divergence:
            raise RequestError(f"a gradient is that of the divergence, not of the {kind_of.name}")
        options["quantity"], options["route"] = "gradient", None
        slopes = derive(p, q, where=where, **options)
    for one in filter(None, (derivation, slopes)):
        prove(one)
    return _Maker(derivation, slopes, space, int(digits), int(seed)).made(int(count))


class _Maker:
    def __init__(
        self, derivation: Derivation, slopes: Derivation | None, space: PointSpace, digits: int, seed: int
    ) -> None:
        self.derivation, self.space, self.digits, self.seed = derivation, space, digits, seed
        self.certain = CertainValues(digits)
        self.closed = self._written_out(derivation.statement.right)
        self.slopes = () if slopes is None else self._written_out(slopes.statement.right).args
        names = derivation.special.called if derivation.special else {}
        self.called = {ours: own for own, ours in names.items()}
        self.notes: list[str] = []

    def made(self, count: int) -> Vectors:
        """Return the vectors: what the other kinds lack are ordinary ones."""
        reasons = {kind: not_for(kind, self.space) for kind in KINDS}
        kinds = [kind for kind in KINDS if not reasons[kind]]
        self.notes = [f"no {kind} vectors: {reason}" for kind, reason in reasons.items() if reason]
        if not self.space.drawn:
            kinds, count, self.notes = ["ordinary"], 1, ["one vector: there are no parameters to be drawn"]
        share, more = divmod(count, len(kinds))
        found: dict[Kind, list[TestVector]] = {}
        for place, kind in reversed(list(enumerate(kinds))):
            wanted = share + (place < more) if place else count - sum(map(len, found.values()))
            found[kind] = self._of_kind(kind, wanted)
        rows = tuple(row for kind in kinds for row in found[kind])
        if not rows:
            raise RequestError(f"no parameters were found at which the value is certain: {self.certain.reason}")
        question = self.derivation.question
        return Vectors(
            self.derivation.name,
            str(self.derivation.closed_form),
            question.unit,
            self.digits,
            self.seed,
            tuple(self._columns()),
            rows,
            tuple(self.notes),
        )

    def _of_kind(self, kind: Kind, wanted: int) -> list[TestVector]:
        """Return the vectors of a kind that are found in a counted number of attempts, no two the same."""
        random = Random(f"{self.seed}: {self.derivation.name}: {kind}")  # noqa: S311 - test points, not secrets
        points = Points(self.space, kind, random)
        found: dict[tuple[object, ...], TestVector] = {}
        attempts = wanted * ATTEMPTS + FIRST_ATTEMPTS
        for k in range(attempts):
            if len(found) == wanted:
                break
            values = points.at(k)
            if values is not None and (key := tuple(values.values())) not in found:
                row = self._row(kind, values)
                if row is not None:
                    found[key] = row
        if len(found) < wanted:
            self.notes.append(f"{len(found)} {kind} vectors, not {wanted}: no more in {attempts} attempts")
        return list(found.values())

    def _row(self, kind: Kind, values: Coordinates) -> TestVector | None:
        numbers = self.space.complete(values)
        assert numbers is not None
        decimals: list[str] = []
        for term in (self.closed, *self.slopes):
            text = self.certain.decimals(term, numbers)
            if text is None:
                return None
            decimals.append(text)
        value, *slopes = decimals
        ordered = {name: values[name] for name in self.space.records if name in values}
        parameters = {self._name(name): at if self._is_product else at[0] for name, at in ordered.items()}
        return TestVector(kind, parameters, value, dict(self._by_parameter(slopes)))

    def _by_parameter(self, slopes: list[str]) -> Iterator[tuple[str, Decimals]]:
        size = self.space.size
        for k, name in enumerate(self.space.terms if slopes else ()):
            own = tuple(slopes[k * size : (k + 1) * size])
            yield self._name(name), own if self._is_product else own[0]

    def _columns(self) -> Iterator[TestParameter]:
        for place, own in records_by_law(self.derivation.question).items():
            for name, record in own.items():
                if name not in self.space.given:
                    yield TestParameter(self._name(name), record.domain.value, f"{record.meaning} of {' PQ'[place]}")

    @property
    def _is_product(self) -> bool:
        return self.derivation.question.dim is not None

    def _name(self, ours: str) -> str:
        return self.called.get(ours, ours)

    def _written_out(self, term: Term) -> Term:
        return instantiate(term, {DIMENSION: self.space.size})


def _require(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise RequestError(f"{name} must be an integer from {least} to {most}, given: {given(value)}")
