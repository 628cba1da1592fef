"""Cross-checks kept on disk: what is read again, and what is made anew."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from kl_symbolic import derive
from kl_symbolic.sphinxext import store

POISSON, NORMAL = derive("poisson", "poisson"), derive("normal", "normal")


def report(folder, derivation=POISSON, digits=20, points=1):
    return store.report(derivation, digits, points, folder)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The text of a file, for POISSON."""
    folder = tmp_path_factory.mktemp("checks")
    report(folder)
    (path,) = folder.iterdir()
    return path.name, path.read_text("utf-8")


@pytest.fixture
def kept(tmp_path, written):
    """The file in a folder of its own."""
    path = tmp_path / written[0]
    path.write_text(written[1], "utf-8")
    return path


@pytest.fixture
def anew(monkeypatch):
    """The derivations that are checked anew."""
    found = []
    verify = store.verify
    monkeypatch.setattr(store, "verify", lambda d, *a, **k: (found.append(d.name), verify(d, *a, **k))[1])
    return found


@pytest.mark.parametrize("derivation", [POISSON, NORMAL], ids=lambda d: d.name)
def test_what_was_written_is_read_again(derivation, tmp_path, anew):
    first, second = report(tmp_path, derivation), report(tmp_path, derivation)
    assert anew == [derivation.name]
    assert (first.digits, first.ulps, first.points) == (second.digits, second.ulps, second.points)
    assert len(first.checks) == len(second.checks)


CHANGES = [
    ("digits", 1e6),
    ("digits", 19.0),
    ("digits", float("nan")),
    ("digits", True),
    ("digits", "37.0"),
    ("digits", None),
    ("ulps", 0.5),
    ("points", 0),
    ("points", 2),
    ("points", True),
    ("points", 10**400),
    ("route", "<script>"),
    ("route", []),
    ("route", "array function"),
    ("subject", "statement, <script>"),
    ("subject", None),
    ("status", "disagree"),
    ("status", {}),
    ("enclosed", True),  # a sum whose error is an estimate
    ("enclosed", 0),
    ("detail", "<script>"),
]


@pytest.mark.parametrize(("name", "value"), CHANGES, ids=repr)
def test_a_check_that_cannot_be_ours_is_made_anew(name, value, kept, written, anew):
    data = json.loads(written[1])
    data["checks"][0][name] = value
    kept.write_text(json.dumps(data), "utf-8")
    assert report(kept.parent).digits == min(check["digits"] or np.inf for check in json.loads(written[1])["checks"])
    assert anew == [POISSON.name]
    assert kept.read_text("utf-8") == written[1]


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "1", "null", "{}", "NaN", "1" * 5000, "[" * 50_000, '{"a":' * 15_000, "\x00", " " * 10**6),
        *('{"checks": []}', '{"fingerprint": 1, "checks": []}', '{"checks": [{"subject": 1}]}'),
    ],
    ids=lambda text: f"{text[:12]!a} {len(text)}",
)
def test_another_text_is_made_anew(text, kept, anew):
    kept.write_text(text, "utf-8")
    assert report(kept.parent).status == "agree"
    assert anew == [POISSON.name]


def test_no_checks_are_no_agreement(kept, written, anew):
    data = json.loads(written[1])
    for checks in ([], {}, None, [None], [data["checks"]]):
        kept.write_text(json.dumps({**data, "checks": checks}), "utf-8")
        assert report(kept.parent).status == "agree"
    assert len(anew) == 5


def test_bytes_that_are_no_text_are_replaced(kept, written, anew):
    kept.write_bytes(b"\xff\xfe")
    assert report(kept.parent).status == "agree"
    assert (anew, kept.read_text("utf-8")) == ([POISSON.name], written[1])


@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["folder", "pipe", "device"]
)
def test_what_is_no_file_is_not_read(make, kept):
    kept.unlink()
    make(kept)
    assert report(kept.parent).status == "agree"


@pytest.mark.parametrize(
    "other",
    [{"digits": 25}, {"points": 2}, {"derivation": derive("exponential", "exponential")}],
    ids=["digits", "points", "law"],
)
def test_a_file_under_the_name_of_another_one_is_not_believed(other, written, tmp_path, anew):
    folder = tmp_path / "other"
    report(folder, **other)
    (path,) = folder.iterdir()
    path.write_text(written[1], "utf-8")
    assert report(folder, **other).status == "agree"
    assert len(anew) == 2


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path):
    (tmp_path / "file").touch()
    assert report(tmp_path / "file").status == "agree"
