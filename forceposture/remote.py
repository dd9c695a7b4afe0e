"""Solves a problem through the service."""

from typing import Any

from forceposture.client import (
    BadProblemError,
    Client,
    LimitExceededError,
    ServiceBusyError,
    ServiceError,
    ServiceFailedError,
    ServiceUnavailableError,
    TimeExceededError,
)
from forceposture.exit_codes import CommandError, ExitCode
from forceposture.v1 import solution_pb2
from optimizer.problem import Problem, message_from_problem
from optimizer.schema import SOLUTION_TABLES, choice_names, frame_from_rows
from optimizer.solution import Solution
from optimizer.solve_settings import SolveSettings, message_from_settings


def solve_remotely(problem: Problem, settings: SolveSettings, address: str) -> Solution:
    """Has the service solve a problem; ends with the answer, or with the error's exit code.

    Args:
        problem: the problem as it was given.
        settings: how to solve it.
        address: host and port of the service.

    Raises:
        CommandError: there is no answer.
    """
    try:
        with Client(address) as client:
            return solution_from_message(
                client.solve(message_from_problem(problem), message_from_settings(settings))
            )
    except ServiceError as error:
        raise CommandError(_exit_code(error), f"{address}: {_text(error)}") from error


def solution_from_message(message: solution_pb2.Solution) -> Solution:
    """The solution of a message; the way back of ``message_from_solution``."""
    outcome: dict[str, Any] = {}
    for field, value in message.outcome.ListFields():
        if field.enum_type is not None:
            outcome[field.name] = choice_names(field)[value]
        else:
            outcome[field.name] = list(value) if field.is_repeated else value
    if message.outcome.HasField("audit_passed"):
        outcome.setdefault("audit_findings", [])
    options: dict[str, Any] = {field.name: value for field, value in message.options.ListFields()}
    objectives = choice_names(solution_pb2.SolveOptions.DESCRIPTOR.fields_by_name["objectives"])
    options["objectives"] = [objectives[number] for number in options.get("objectives", ())]
    tables = {}
    for name, table in SOLUTION_TABLES.items():
        frame = frame_from_rows(table, getattr(message, name))
        types = {column.name: column.pandas_type for column in table.columns}
        tables[name] = frame.astype(types) if len(frame) else table.empty()
    return Solution(outcome, options, message.problem_digest, tables)


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


def _text(error: ServiceError) -> str:
    if isinstance(error, ServiceFailedError) and error.incident:
        return f"{error}. Incident {error.incident}; the service's log tells why."
    if isinstance(error, ServiceUnavailableError):
        return "nobody answers there, or the connection broke. Is posture-server running?"
    return str(error)
