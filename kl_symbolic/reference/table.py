"""Test vectors as they are written down: JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from kl_symbolic.reference.doubles import exact_decimals
from kl_symbolic.reference.kinds import Kind

FORMAT, VERSION = "kl_symbolic test vectors", 1

Decimals = str | tuple[str, ...]


@dataclass(frozen=True)
class TestParameter:
    """A parameter of test vectors.

    Attributes
    ----------
    name
        What it is called; a parameter of a product law has several coordinates.
    domain
        Where it lies: ``"real"``, ``"positive"``, ``"unit"``, ...
    meaning
        In words: ``"mean of P"``.
    """

    name: str
    domain: str
    meaning: str


@dataclass(frozen=True)
class TestVector:
    """Parameters and a value.

    Attributes
    ----------
    kind
        ``"ordinary"``, ``"near-equal"``, ``"edge"`` or ``"extreme"``.
    parameters
        By name; a tuple of the coordinates where the law is a product. Each is a double.
    value
        In decimals.
    gradient
        The derivatives of the value by the parameters, in decimals; empty unless asked for.
    """

    kind: Kind
    parameters: Mapping[str, Fraction | tuple[Fraction, ...]]
    value: str
    gradient: Mapping[str, Decimals] = field(default_factory=dict)

    @property
    def decimals(self) -> dict[str, Decimals]:
        """The parameters with all the decimals that they have."""
        return {
            name: tuple(map(exact_decimals, value)) if isinstance(value, tuple) else exact_decimals(value)
            for name, value in self.parameters.items()
        }


@dataclass(frozen=True)
class Vectors:
    """Test vectors of a question.

    Attributes
    ----------
    question
        What the value is, by name: ``"kl(normal, normal)"``.
    closed_form
        The proved closed form that was evaluated.
    unit
        ``"nats"`` or ``"bits"``.
    digits
        How many digits of each value there are; all of them are right, the last one rounded.
    seed
        Of the random parameters.
    parameters
        The parameters.
    rows
        The vectors.
    notes
        Which kinds there are none or fewer of, and why; a line each.
    """

    question: str
    closed_form: str
    unit: str
    digits: int
    seed: int
    parameters: tuple[TestParameter, ...]
    rows: tuple[TestVector, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the vectors as JSON, one to a line; all numbers that must not be rounded are strings."""
        head = {
            "format": FORMAT,
            "version": VERSION,
            "question": self.question,
            "closed_form": self.closed_form,
            "unit": self.unit,
            "digits": self.digits,
            "seed": self.seed,
            "parameters": [vars(one) for one in self.parameters],
            "notes": list(self.notes),
        }
        lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
        rows = ",\n".join(f"    {json.dumps(_entries(row))}" for row in self.rows)
        return "{\n" + ",\n".join([*lines, f'  "vectors": [\n{rows}\n  ]']) + "\n}\n"

    def to_csv(self) -> str:
        """Return the vectors as CSV: the kind, the parameters, the value, and derivatives if they were asked for."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        for k, row in enumerate(self.rows):
            parameters, gradient = dict(_flat(row.decimals)), dict(_flat(row.gradient))
            if k == 0:
                writer.writerow(["kind", *parameters, "value", *(f"gradient {name}" for name in gradient)])
            writer.writerow([row.kind, *parameters.values(), row.value, *gradient.values()])
        return stream.getvalue()

    def __repr__(self) -> str:
        return f"<Vectors of {self.question}: {len(self.rows)} to {self.digits} digits>"


def _entries(row: TestVector) -> dict[str, object]:
    found: dict[str, object] = {"kind": row.kind, "parameters": row.decimals, "value": row.value}
    return found | ({"gradient": row.gradient} if row.gradient else {})


def _flat(entries: Mapping[str, Decimals]) -> Iterator[tuple[str, str]]:
    """Yield a column for each coordinate: ``mu[1]``, ``mu[2]``."""
    for name, entry in entries.items():
        if isinstance(entry, str):
            yield name, entry
        else:
            yield from ((f"{name}[{k}]", one) for k, one in enumerate(entry, start=1))
