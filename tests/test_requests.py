"""Every request either makes sense, and is derived and proved, or is refused in words."""

import itertools
import random

import pytest

from kl_symbolic import KLError, derive, families, prove

QUANTITIES = ("kl", "entropy", "cross_entropy", "decomposition", "asymmetry", "gradient")
PARAMS = (None, *sorted({param for f in families.all_families().values() for param in f.param_names}))
REQUESTS = [
    (p, q, {"quantity": quantity, "param": param, "dim": dim, "unit": unit, "route": route})
    for p, q, quantity, param, dim, unit, route in itertools.product(
        families.names(),
        (*families.names(), None),
        QUANTITIES,
        PARAMS,
        (None, 2),
        ("nats", "bits"),
        (None, "direct", "entropy"),
    )
]


def proved(requests):
    """Derive and prove what can be; return how many were."""
    count, refusals = 0, []
    for p, q, options in requests:
        try:
            derivation = derive(p, q, **options)
        except KLError as error:
            refusals.append(str(error))
            continue
        prove(derivation)
        assert str(derivation)
        count += 1
    assert all(words and "\n" not in words for words in refusals)
    return count


def test_requests_drawn_at_random_are_proved_or_refused():
    assert proved(random.Random(0).sample(REQUESTS, 150)) > 10


@pytest.mark.slow
def test_many_requests_are_proved_or_refused():
    assert proved(random.Random(1).sample(REQUESTS, len(REQUESTS) // 5)) > 1000


@pytest.mark.parametrize("quantity", ["decomposition", "asymmetry"])
def test_a_law_against_itself_has_nothing_to_state(quantity):
    with pytest.raises(KLError, match="P and Q are the same law, standard_normal"):
        derive("standard_normal", "standard_normal", quantity=quantity)


def test_a_law_diverges_from_itself_by_nothing():
    assert derive("standard_normal", "standard_normal").closed_form == 0
