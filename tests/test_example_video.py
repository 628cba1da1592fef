"""The video example: the article's figures, the divergences they should have been, and the three plots."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from examples import video_compression as example
from kl_symbolic.numeric import histogram_kl

ROOT = Path(__file__).parents[1]
PNG = b"\x89PNG\r\n\x1a\n"
PLOTS = {"original.png", "conventional.png", "deep_learning.png"}


# The first of each pair is what the article's own notebook prints; the second is 6/19 of it.
@pytest.mark.parametrize(
    ("method", "by_density", "nats"),
    [
        ("conventional", 0.8792761831909446, 0.2776661631129299),
        ("learned", 0.0924073045958297, 0.0291812540828936),
    ],
)
def test_the_figures(method, by_density, nats):
    videos = example.sample()
    found = example.compare(videos.original, getattr(videos, method))
    assert found.by_density == pytest.approx(by_density, rel=1e-12)
    assert found.nats == pytest.approx(nats, rel=1e-12)
    assert found.bits == pytest.approx(nats / np.log(2), rel=1e-12)
    assert found.by_density * 6 / 19 == pytest.approx(found.nats, rel=1e-12)


@pytest.mark.parametrize("method", ["conventional", "learned"])
def test_counts_lead_to_the_same_divergence(method):
    videos = example.sample()
    compressed = getattr(videos, method)
    counts = [np.histogram(values, example.EDGES)[0] for values in (videos.original, compressed)]
    assert histogram_kl(*counts) == pytest.approx(example.compare(videos.original, compressed).nats, rel=1e-12)


def test_the_script_prints_both_figures_and_writes_three_plots(tmp_path):
    pytest.importorskip("matplotlib.font_manager")  # which may say that it looks for fonts, the first time
    folder = tmp_path / "new" / "folder"
    command = [sys.executable, "-m", "examples.video_compression", "--out", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for figure in ("0.8793", "0.0924", "0.2777", "0.0292", "0.4006", "0.0421", "19/6"):
        assert figure in done.stdout
    assert done.stderr == ""
    assert {path.name for path in folder.iterdir()} == PLOTS
    assert all(path.read_bytes().startswith(PNG) for path in folder.iterdir())


def test_without_matplotlib_the_figures_are_printed_and_one_line_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert example.main(["--out", str(tmp_path / "plots")]) == 4
    printed = capsys.readouterr()
    assert "0.2777" in printed.out
    assert printed.err.count("\n") == 1
    assert "pip install matplotlib" in printed.err
    assert not (tmp_path / "plots").exists()
