"""Runs work in a thread, so that Ctrl-C can ask it to end with what it has."""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Generic, TypeVar

from forceposture.command.exit_codes import ExitCode, tell

Result = TypeVar("Result")


class Interruptible(Generic[Result]):
    """Work that runs in a thread while the main thread waits.

    The first Ctrl-C sets ``interrupt``; the second ends the process at once.

    Attributes:
        interrupt: set once the work is asked to end.
    """

    def __init__(self, work: Callable[[threading.Event], Result]) -> None:
        """Prepares the work.

        Args:
            work: is given ``interrupt``, and ends soon after it is set.
        """
        self.interrupt = threading.Event()
        self._work = work
        self._results: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> Result:
        """Does the work; raises what it raises."""
        thread = threading.Thread(target=self._run, daemon=True)
        before = signal.signal(signal.SIGINT, self._on_interrupt)
        try:
            thread.start()
            while thread.is_alive():
                thread.join(0.1)
        finally:
            signal.signal(signal.SIGINT, before)
        if self._error is not None:
            raise self._error
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(self._work(self.interrupt))
        except BaseException as error:
            self._error = error

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self.interrupt.is_set():
            os._exit(ExitCode.INTERRUPTED)
        self.interrupt.set()
        tell(
            "Ending; the best plan so far will be finished and written. Ctrl-C again ends at once, without it."
        )
