"""Tells on standard error how far a solve is: one changing line on a screen, single lines elsewhere."""

import math
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status
from rich.text import Text

from forceposture.report.numbers import MILLIONS, at_most
from optimizer.run import Progress

_SECONDS_BETWEEN_LINES = 10.0


class ProgressReport:
    """Shows the progress of one solve; use it in a ``with`` statement."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._line: Status | None = None
        if self._console.is_terminal:
            self._line = self._console.status(Text("starting"))
        self._known: tuple[str, bool, bool] | None = None
        self._shown = 0.0

    def __enter__(self) -> Self:
        if self._line is not None:
            self._line.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._line is not None:
            self._line.stop()

    def show(self, progress: Progress) -> None:
        """Shows a stage when it begins, and what is known as it changes."""
        known = (progress.stage, progress.bound_usd_m is None, progress.incumbent_usd_m is None)
        if self._line is not None:
            self._line.update(Text(progress_text(progress)))
        elif known != self._known or time.monotonic() - self._shown >= _SECONDS_BETWEEN_LINES:
            self._shown, self._known = time.monotonic(), known
            self._console.print(Text(progress_text(progress)), soft_wrap=True)


def progress_text(progress: Progress) -> str:
    """Stage, seconds, bound, cost of the plan held and gap, as far as they are known."""
    parts = [f"{progress.seconds:6.1f} s  {progress.stage}"]
    if progress.bound_usd_m is not None:
        parts.append(f"bound {MILLIONS.full(progress.bound_usd_m)}")
    if progress.incumbent_usd_m is not None:
        parts.append(f"plan {MILLIONS.full(progress.incumbent_usd_m)}")
    if progress.relative_gap is not None and math.isfinite(progress.relative_gap):
        parts.append(f"gap {at_most(progress.relative_gap)}")
    return "   ".join(parts)
