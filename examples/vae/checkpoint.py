"""The state of a training as one .npz file, without pickles, replaced as a whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np

from examples.vae.data import Bytes
from examples.vae.model import Losses
from examples.vae.train import State
from kl_symbolic.errors import RequestError

Settings = dict[str, str | int]


def settings(regulariser: str, seed: int, pixels: Bytes) -> Settings:
    """Return what must be equal for a training to be the same."""
    return {
        "regulariser": regulariser,
        "seed": seed,
        "images": len(pixels),
        "checksum of the images": zlib.crc32(np.ascontiguousarray(pixels).data),
    }


def save(path: Path, state: State, made_with: Settings) -> None:
    """Write the state; whoever reads the path finds the old file or the new one, never a part."""
    facts = {"settings": made_with, "random": state.random, "steps": state.steps, "epochs": len(state.log)}
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file,
                facts=np.array(json.dumps(facts)),
                parameters=state.parameters,
                first_moment=state.first_moment,
                second_moment=state.second_moment,
                log=np.array(state.log).reshape(-1, 2),
                seconds=np.array(state.seconds),
            )
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def restore(path: Path, wanted: Settings) -> State:
    """Read a state.

    Raises
    ------
    RequestError
        If the file is not a checkpoint, or one of a training with other settings.
    """
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            facts = json.loads(str(file["facts"]))
            state = State(
                file["parameters"],
                file["first_moment"],
                file["second_moment"],
                facts["steps"],
                facts["random"],
                tuple(Losses(*row) for row in file["log"].tolist()),
                tuple(file["seconds"].tolist()),
            )
            made_with = dict(facts["settings"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise RequestError(
            f"{path} is not a checkpoint: {' '.join(str(error).split())}; delete it to begin again"
        ) from None
    different = [
        f"{key} {made_with.get(key)}, not {value}" for key, value in wanted.items() if made_with.get(key) != value
    ]
    if different:
        raise RequestError(f"{path} is of another training ({'; '.join(different)}); choose another --out")
    return state
