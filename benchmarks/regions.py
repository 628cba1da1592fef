"""Where the array functions are tried: parameters drawn by their domains, for each region and dtype."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import TypeAlias

import equal_laws
import numpy as np
import probabilities
from equal_laws import Laws
from laws import Pair

from kl_symbolic.code.stated_domain import stated_interval
from kl_symbolic.families import Parameter
from kl_symbolic.functions import Domain

WIDTH, LONG = 3, 200
REACH = {"float64": 700, "float32": 85}  # of a logarithm of a variance
MEANS = {"float64": 150, "float32": 15}  # decades
DECADES = {"float64": 307, "float32": 37}  # of normal numbers, on both sides of 1
SUBNORMAL = {"float64": 323, "float32": 44}  # the last decade of all numbers
LOGITS = 40  # of which the closed form has digits
NEAREST = {"float64": 12, "float32": 6}  # decades of the relative distance
LEAST, MARGIN = 1e-6, 1e-6  # of magnitudes from the stated domain; a margin in decades, for they are rounded
ONLY = "one parameter only"

Draw: TypeAlias = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def regions(pair: Pair, dtype: str) -> dict[str, list[str]]:
    """Return the names of the regions, in groups."""
    near = [f"1e-{k}" for k in range(1, NEAREST[dtype] + 1)]
    if pair.is_discrete:
        stated, extreme = [], probabilities.EXTREME
    else:
        kinds = set(map(kind, pair.records))
        near.append(f"{ONLY} 1e-{NEAREST[dtype] - 2}")
        stated = ["stated domain", "near in the stated domain"]
        extreme = ["tiny scales", "huge scales", "all scales", "underflow"]
        extreme += ["large means"] * ("real" in kinds)
        extreme += ["beyond"] * any(record.logarithm for record in pair.records)
        extreme += ["subnormal scales"] * ("positive" in kinds) + ["edge"] * bool(pair.stated.edges)
    groups = {
        "random": ["random", "long rows"],
        "1e-1 to 1e-3": near[:3],
        "1e-4 to 1e-6": near[3:6],
        "1e-7 to 1e-12": near[6:],
        "equal": ["equal"],
        "stated": stated,
        "extreme": extreme,
    }
    return {group: names for group, names in groups.items() if names}


def draw(pair: Pair, dtype: str, region: str, rows: int) -> list[np.ndarray]:
    """Return the parameters of rows of laws; the same numbers each time."""
    random = np.random.default_rng(zlib.crc32(f"{pair.name} {dtype} {region}".encode()))
    long = region == "long rows"
    rows = max(2, rows // 100) if long else rows
    if pair.is_discrete:
        laws = probabilities.draw(random, dtype, region, rows, LONG if long else probabilities.OUTCOMES)
    else:
        found = Drawing(random, pair, (rows, LONG if long else WIDTH)).laws(dtype, region)
        laws = tuple(found[name] for name in pair.names)
    return [np.ascontiguousarray(law, dtype) for law in laws]


def kind(record: Parameter) -> str:
    """Return what kind of number a parameter is."""
    if record.logarithm or record.name == "logit":
        return "logarithm"
    if record.domain is Domain.UNIT:
        return "unit"
    return "real" if record.domain is Domain.REAL else "positive"


def powers(low: float, high: float) -> Draw:
    """Return what draws powers of 10."""
    return lambda random, shape: 10 ** random.uniform(low, high, shape)


def signed(draw: Draw) -> Draw:
    """Return what draws the same with a random sign."""
    return lambda random, shape: draw(random, shape) * random.choice((-1, 1), shape)


def between(low: float, high: float) -> Draw:
    """Return what draws numbers between two others."""
    return lambda random, shape: random.uniform(low, high, shape)


ORDINARY: Mapping[str, Draw] = {
    "real": lambda random, shape: random.normal(0, 3, shape),
    "logarithm": lambda random, shape: random.normal(0, 2, shape),
    "positive": lambda random, shape: np.exp(random.normal(0, 2, shape)),
    "unit": lambda random, shape: 1 / (1 + np.exp(random.normal(0, 2, shape))),
}


class Drawing:
    """Draws laws of one shape."""

    def __init__(self, random: np.random.Generator, pair: Pair, shape: tuple[int, ...]) -> None:
        self.random, self.pair, self.shape = random, pair, shape

    def laws(self, dtype: str, region: str) -> Laws:
        """Return laws in a region."""
        decades, reach = DECADES[dtype], REACH[dtype]
        match region:
            case "random" | "long rows":
                return self.by_kind()
            case "equal":
                return self.near(self.by_kind(), 0)
            case "stated domain":
                return self.stated()
            case "near in the stated domain":
                return self.near(self.stated(), powers(-NEAREST[dtype], 0)(self.random, self.shape))
            case "tiny scales":
                return self.by_kind(positive=powers(-decades, -decades / 2), logarithm=between(-reach, -reach / 2))
            case "huge scales":
                return self.by_kind(positive=powers(decades / 2, decades), logarithm=between(reach / 2, reach))
            case "all scales":
                return self.by_kind(positive=powers(-decades, decades), logarithm=between(-reach, reach))
            case "subnormal scales":
                return self.by_kind(positive=powers(-SUBNORMAL[dtype], -decades))
            case "large means":
                return self.by_kind(real=signed(powers(MEANS[dtype] - 3, MEANS[dtype])))
            case "beyond":  # the range of e^v, though not that of e^(v - w)
                return self.near(self.by_kind(logarithm=between(-1e4, 1e4)), 1e-4)
            case "underflow":
                return self.underflow(decades)
            case "edge":
                edges, laws = self.pair.stated.edges, self.by_kind()
                for name, ends in edges.items():
                    chosen = self.random.integers(1 + len(ends), size=self.shape)
                    laws[name] = np.choose(chosen, [laws[name], *ends])
                return laws
            case _:
                return self.near(self.by_kind(), float(region.removeprefix(ONLY)), only=ONLY in region)

    def by_kind(self, **kinds: Draw) -> Laws:
        """Return what is drawn by the kinds of parameters, ordinary numbers where nothing else is said."""
        drawn = {**ORDINARY, **kinds}
        return {n: drawn[kind(one)](self.random, self.shape) for n, one in self.pair.stated.parameters.items()}

    def near(self, laws: Laws, distance: float | np.ndarray, *, only: bool = False) -> Laws:
        """Return laws of which one is near the other."""
        laws = equal_laws.equal(self.random, self.pair, laws)
        return equal_laws.moved(self.random, self.pair, laws, distance, only=only)

    def stated(self) -> Laws:
        """Return parameters from where bounds of errors are stated, of all magnitudes."""
        found = {}
        for name, record in self.pair.stated.parameters.items():
            within = stated_interval(record)
            magnitudes = powers(np.log10(max(within.low, LEAST)) + MARGIN, np.log10(within.high) - MARGIN)
            logarithms = between(max(within.low, -LOGITS), min(within.high, LOGITS))
            draw = {"logarithm": logarithms, "real": signed(magnitudes), "positive": magnitudes, "unit": magnitudes}
            found[name] = draw[kind(record)](self.random, self.shape)
        return found

    def underflow(self, decades: float) -> Laws:
        """Return laws whose scales are the same and whose means are so near that squares underflow.

        Laws without means are near, with tiny scales.
        """
        records = self.pair.stated.parameters
        if "real" not in map(kind, records.values()):
            return self.near(self.by_kind(positive=powers(-decades, 10 - decades)), 1e-3)
        scales = self.by_kind(positive=powers(MARGIN - 6, 6 - MARGIN), logarithm=between(-20, 20))
        laws = equal_laws.equal(self.random, self.pair, scales)
        small, first = powers(-decades / 2 - 10, 1 - decades / 2), equal_laws.free(self.pair)
        means = {n: small(self.random, self.shape) * (n in first) for n, one in records.items() if kind(one) == "real"}
        return {**laws, **means}
