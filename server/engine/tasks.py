"""What workers do with a request: bytes in, bytes out. Only worker processes import this."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from forceposture.v1 import service_pb2
from optimizer.checks.admission import checked_index
from optimizer.errors import Finding, ProblemError
from optimizer.run import solve
from optimizer.size import model_size
from optimizer.solve_settings import GUARD_SECONDS, settings_from_message
from optimizer.tables.problem import problem_from_message
from optimizer.tables.solution import message_from_solution, tables_from_message
from server.limits import Limits
from server.rpc.statuses import StatusError, answer_too_large, bad_problem, malformed_message

MessageType = TypeVar("MessageType", bound=Message)


def validate_problem(request: bytes, limits: Limits, allow: Callable[[float], None]) -> bytes:
    """Answers ValidateProblem.

    Raises:
        StatusError: the bytes are no request; a bad problem is none of these.
    """
    message = _parsed(service_pb2.ValidateProblemRequest, request)
    response = service_pb2.ValidateProblemResponse()
    try:
        problem = problem_from_message(message.problem)
        index = checked_index(problem, memory_limit_bytes=limits.memory_bytes)
    except ProblemError as error:
        response.findings.extend(_finding_message(finding) for finding in error.findings)
    else:
        size = model_size(index)
        response.model_size.row_count = size.row_count
        response.model_size.column_count = size.column_count
        response.model_size.nonzero_count = size.nonzero_count
        response.model_size.integer_count = size.integer_count
        response.model_size.memory_bytes = size.memory_bytes
        response.problem_digest = problem.digest
    return _answer(response, limits)


def solve_problem(request: bytes, limits: Limits, allow: Callable[[float], None]) -> bytes:
    """Answers Solve.

    Args:
        request: a SolveRequest.
        limits: what a request may use.
        allow: called with the seconds that the solve may take, before it starts.

    Raises:
        StatusError: the bytes are no request, or the problem or the options cannot be used as they stand.
    """
    message = _parsed(service_pb2.SolveRequest, request)
    findings: list[Finding] = []
    asked = None
    try:
        settings = settings_from_message(message.options)
        asked = settings.asked
        limit = settings.time_limit_seconds
        seconds = min(GUARD_SECONDS, limits.solve_seconds) if limit is None else limit
        if seconds > limits.solve_seconds:
            findings.append(_too_long(seconds, limits.solve_seconds))
    except ProblemError as error:
        findings.extend(error.findings)
    try:
        problem = problem_from_message(message.problem)
        index = checked_index(problem, asked, limits.memory_bytes)
    except ProblemError as error:
        findings.extend(error.findings)
    if findings:
        raise StatusError(bad_problem(findings))
    allow(seconds + limits.grace_seconds)
    start = tables_from_message(message.start) if message.HasField("start") else None
    solution = solve(problem, replace(settings, processes=1), start=start, index=index, guard_seconds=seconds)
    return _answer(service_pb2.SolveResponse(solution=message_from_solution(solution)), limits)


def be_ready(request: bytes, limits: Limits, allow: Callable[[float], None]) -> bytes:
    """Answers nothing; that it answers proves that a worker can start and has what solves."""
    return b""


TASKS: dict[str, Callable[[bytes, Limits, Callable[[float], None]], bytes]] = {
    "validate_problem": validate_problem,
    "solve_problem": solve_problem,
    "be_ready": be_ready,
}
"""What a worker can be asked for."""


def _parsed(kind: type[MessageType], request: bytes) -> MessageType:
    try:
        return kind.FromString(request)
    except DecodeError:
        raise StatusError(malformed_message()) from None


def _too_long(asked_seconds: float, limit_seconds: float) -> Finding:
    return Finding(
        code="VALUE_RANGE",
        table_name="options",
        row_key="",
        column_name="time_limit_seconds",
        value=f"{asked_seconds:g}",
        message=f"above the {limit_seconds:g} seconds that this server gives a solve",
        fix="Ask for less",
    )


def _finding_message(finding: Finding) -> service_pb2.Finding:
    return service_pb2.Finding(
        code=finding.code,
        table_name=finding.table_name,
        row_key=finding.row_key,
        column_name=finding.column_name,
        value=finding.value,
        message=finding.message,
        fix=finding.fix,
    )


def _answer(response: Message, limits: Limits) -> bytes:
    answer = response.SerializeToString()
    if len(answer) > limits.message_bytes:
        raise StatusError(answer_too_large(len(answer), limits.message_bytes))
    return answer
