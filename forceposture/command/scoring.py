"""Scores today's posture, here or through the service."""

import threading

from forceposture.command.exit_codes import CommandError, ExitCode, tell
from forceposture.command.interruptible import Interruptible
from optimizer.errors import SolverError
from optimizer.machine import memory_bytes
from optimizer.tables.problem import Problem
from optimizer.tables.score import Score


def scored(problem: Problem, server: str | None) -> Score:
    """The score of a problem.

    Args:
        problem: the problem as it was given.
        server: address of the service; None scores here.

    Raises:
        CommandError: the service gives no answer, or Ctrl-C ended the question.
        ProblemError: the problem has findings.
    """
    if server is not None:
        from forceposture.command.remote import score_remotely

        tell(f"scoring at {server}")
        return score_remotely(problem, server)
    from optimizer.questions.score import score

    tell("scoring today's posture")
    interrupted = threading.Event()

    def work(interrupt: threading.Event) -> Score:
        nonlocal interrupted
        interrupted = interrupt
        return score(problem, memory_bytes(), interrupt)

    try:
        return Interruptible(work).run()
    except SolverError:
        if interrupted.is_set():
            raise CommandError(ExitCode.INTERRUPTED, "Interrupted: there is no score.") from None
        raise
