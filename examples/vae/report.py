"""The results as text for the terminal and as JSON."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.vae import published
from examples.vae.data import Bytes
from examples.vae.model import Array, Losses
from examples.vae.train import State

MEBIBYTE = 2**20
TITLES = {
    "kl": "with KL divergence",
    "none": "without a regulariser",
    "mse": "with a sum of squares",
}


@dataclass(frozen=True)
class Result:
    """A finished training, the latent means of its images, and its losses on the test images."""

    regulariser: str
    state: State
    means: Array
    test: Losses


def log_table(result: Result) -> str:
    """Return the losses of every epoch beside the published ones."""
    log, total = published.LOG[result.regulariser], published.TOTAL[result.regulariser]
    lines = [
        f"Training {TITLES[result.regulariser]}",
        f"       {'this run':^33}    {'report':^33}",
        f"epoch  {_columns('loss', 'reconstruction', 'regulariser')}    "
        f"{_columns('loss', 'reconstruction', 'regulariser')}".rstrip(),
    ]
    for epoch, losses in enumerate(result.state.log, 1):
        theirs = log.get(epoch)
        known = (total.get(epoch), theirs and theirs.reconstruction, theirs and theirs.regulariser)
        lines.append(f"{epoch:5}  {_numbers(losses.total, *losses)}    {_numbers(*known)}".rstrip())
    lines.append(f" test  {_numbers(result.test.total, *result.test)}")
    low, high = latent_range(result)
    lines.append(f"Latent means from {low:.1f} to {high:.1f}; {np.mean(result.state.seconds):.2f} s an epoch")
    return "\n".join(lines)


def latent_range(result: Result) -> tuple[float, float]:
    """Return the least and the greatest coordinate of the latent means."""
    return float(result.means.min()), float(result.means.max())


def size_table(pixels: Bytes, means: Array) -> str:
    """Return the sizes of the images and of what the encoder makes of them."""
    rows = [f"{name:<42}{size / MEBIBYTE:>9.3f} MB" for name, size in sizes(pixels, means).items()]
    return "\n".join(("Sizes (1 MB = 2^20 bytes)", *rows))


def sizes(pixels: Bytes, means: Array) -> dict[str, int]:
    """Return the bytes of each array."""
    shape = " x ".join(map(str, pixels.shape))
    return {
        f"images, {shape}, float64": pixels.size * np.dtype(np.float64).itemsize,
        f"images, {shape}, bytes as published": pixels.nbytes,
        f"latent means, {' x '.join(map(str, means.shape))}, {means.dtype}": means.nbytes,
    }


def as_json(results: list[Result], seed: int, pixels: Bytes) -> dict[str, object]:
    """Return every figure that was computed, and the published ones."""
    return {
        "seed": seed,
        "images": len(pixels),
        "bytes": sizes(pixels, results[0].means),
        "variants": {result.regulariser: _variant(result) for result in results},
    }


def _variant(result: Result) -> dict[str, object]:
    return {
        "epochs": [{"epoch": epoch, **_losses(losses)} for epoch, losses in enumerate(result.state.log, 1)],
        "test": _losses(result.test),
        "seconds per epoch": list(result.state.seconds),
        "latent means": {
            "minimum": result.means.min(axis=0).tolist(),
            "maximum": result.means.max(axis=0).tolist(),
            "standard deviation": result.means.std(axis=0, dtype=np.float64).tolist(),
        },
        "published loss by epoch": {
            str(e): round(t, 4) for e, t in sorted(published.TOTAL[result.regulariser].items())
        },
    }


def _losses(losses: Losses) -> dict[str, float]:
    return {"loss": losses.total, **losses._asdict()}


def _columns(*names: str) -> str:
    return f"{names[0]:>8}{names[1]:>15}{names[2]:>12}"


def _numbers(*values: float | None) -> str:
    return _columns(*("" if value is None else f"{value:.3f}" for value in values))
