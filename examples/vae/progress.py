"""A progress bar per epoch with its losses, on a terminal; silence elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from examples.vae.model import Losses


class EpochBars:
    """Bars on standard error, one for each epoch, which remain with its mean losses."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[losses]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if not self._progress.disable:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._progress.disable:  # with old versions of rich, disabled bars end in an empty line
            self._progress.stop()

    def epoch(self, name: str, batches: int) -> None:
        """Begin the bar of an epoch."""
        self._task = self._progress.add_task(name, total=batches, losses="")

    def batch(self, losses: Losses) -> None:
        """Advance it by one batch."""
        if self._task is not None:
            self._progress.update(
                self._task,
                advance=1,
                losses=f"loss {losses.total:.3f} = {losses.reconstruction:.3f} + {losses.regulariser:.3f}",
            )
