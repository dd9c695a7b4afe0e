"""Solves and scores a problem through the service."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from forceposture.client import (
    BadProblemError,
    Client,
    LimitExceededError,
    ServiceBusyError,
    ServiceError,
    ServiceFailedError,
    ServiceUnavailableError,
    TimeExceededError,
    is_loopback,
)
from forceposture.command.exit_codes import CommandError, ExitCode
from optimizer.solve_options import SolveOptions, message_from_options
from optimizer.tables.problem import Problem, message_from_problem
from optimizer.tables.score import Score, score_from_message
from optimizer.tables.solution import Solution, message_from_solution, solution_from_message


def solve_remotely(problem: Problem, options: SolveOptions, address: str, start: Solution | None) -> Solution:
    """Has the service solve a problem; ends with the answer, or with the error's exit code.

    Args:
        problem: the problem as it was given.
        options: how to solve it.
        address: host and port of the service.
        start: a plan from which the search for whole numbers starts.

    Raises:
        CommandError: there is no answer.
    """
    with _told(address), Client(address) as client:
        answer = client.solve(
            message_from_problem(problem),
            message_from_options(options),
            start=None if start is None else message_from_solution(start),
        )
        return solution_from_message(answer)


def score_remotely(problem: Problem, address: str) -> Score:
    """Has the service score today's posture; ends with the answer, or with the error's exit code.

    Args:
        problem: the problem as it was given.
        address: host and port of the service.

    Raises:
        CommandError: there is no answer.
    """
    with _told(address), Client(address) as client:
        return score_from_message(client.score(message_from_problem(problem)))


@contextmanager
def _told(address: str) -> Iterator[None]:
    try:
        yield
    except ServiceError as error:
        raise CommandError(_exit_code(error), f"{address}: {_text(error, address)}") from error


def _exit_code(error: ServiceError) -> ExitCode:
    match error:
        case BadProblemError() | LimitExceededError():
            return ExitCode.BAD_INPUT
        case ServiceUnavailableError() | ServiceBusyError():
            return ExitCode.NO_SERVICE
        case TimeExceededError():
            return ExitCode.NO_PLAN_IN_TIME
        case _:
            return ExitCode.OUR_FAULT


def _text(error: ServiceError, address: str) -> str:
    if isinstance(error, ServiceFailedError) and error.incident:
        return f"{error}. Incident {error.incident}; the service's log tells why."
    if isinstance(error, ServiceUnavailableError):
        return "nobody answers there, or the connection broke. Is posture-server running?" + _about_proxy(
            address
        )
    return str(error)


def _about_proxy(address: str) -> str:
    """What to add where gRPC goes through a proxy that the environment names."""
    # The first that is set counts, as in gRPC, which reads no names in capitals.
    name = next((name for name in ("grpc_proxy", "https_proxy", "http_proxy") if os.environ.get(name)), None)
    if name is None or is_loopback(address):
        return ""
    return f" The call went through the proxy that {name} names, unless no_proxy lists the host."
