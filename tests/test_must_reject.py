"""Every file in must_reject/ is refused, for its own fault."""

import pytest
from make_must_reject import CASES, FOLDER

from kl_symbolic.errors import KLError
from kl_symbolic.kernel import prove
from kl_symbolic.proof.codec import from_json

BYTES = 100_000


def test_the_files_are_those_of_the_generator():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_is_rejected_for_its_fault(name):
    path = FOLDER / f"{name}.json"
    assert path.stat().st_size < BYTES
    with pytest.raises(KLError) as caught:
        prove(from_json(path.read_text(encoding="utf-8")))
    assert CASES[name][0] in str(caught.value)
