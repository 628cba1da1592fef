"""Every file in must_reject/ is refused, for its own fault, in whatever format it is."""

import json

import pytest
from make_must_reject import CASES, FOLDER, OLD_FOLDER

from kl_symbolic.errors import KLError
from kl_symbolic.kernel import replay

BYTES = 100_000
NEW, OLD = (sorted(folder.glob("*.json")) for folder in (FOLDER, OLD_FOLDER))
NO_FORMAT = {"another_version", "deep_nesting", "truncated"}  # no JSON, or another version


def test_the_files_are_those_of_the_generator():
    assert {path.stem for path in NEW} == set(CASES)


@pytest.mark.parametrize(("paths", "version"), [(NEW, "2"), (OLD, "1")], ids=["format 2", "format 1"])
def test_the_files_are_of_their_format(paths, version):
    others = {"head_of_format_2"} if version == "2" else set()
    for path in paths:
        if path.stem not in NO_FORMAT | others:
            assert json.loads(path.read_text("utf-8"), parse_int=str)["version"] == version, path.stem


def test_no_file_of_format_1_is_lost():
    assert len(OLD) == 54
    assert {path.stem for path in OLD} <= set(CASES)


@pytest.mark.parametrize("path", [*NEW, *OLD], ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_is_rejected_for_its_fault(path):
    assert path.stat().st_size < BYTES
    with pytest.raises(KLError) as caught:
        replay(path.read_text(encoding="utf-8"))
    assert CASES[path.stem][0] in str(caught.value)
