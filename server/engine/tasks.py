"""What workers do for the methods of the service: one record for each, and the function that answers."""

# The server reads the records and stays small; what solves is imported by the functions, in workers alone.
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError, Message

from forceposture.v1 import service_pb2
from optimizer.errors import Finding, ProblemError
from server.limits import Limits
from server.rpc.statuses import StatusError, answer_too_large, bad_problem, malformed_message

Request = TypeVar("Request", bound=Message)
Allow = Callable[[float], None]
"""Is told, at most once, the seconds that the answer may take; before, it is as long as a check may take."""


@dataclass(frozen=True)
class Task(Generic[Request]):
    """What a worker can be asked for.

    Attributes:
        function: answers a request; a StatusError that it raises is what the caller gets.
        request_type: the message of the request.
        slots: the field of Limits that says how many such tasks, and others of these slots, run at once.
    """

    function: Callable[[Request, Limits, Allow], Message]
    request_type: type[Request]
    slots: Literal["solve_count", "validation_count", "readiness_count"]

    def answer(self, request: bytes, limits: Limits, allow: Allow) -> bytes:
        """Answers the bytes of a request with those of a response.

        Raises:
            StatusError: the bytes are no request, the answer is too large, or as the function.
        """
        try:
            message = self.request_type.FromString(request)
        except DecodeError:
            raise StatusError(malformed_message()) from None
        answer = self.function(message, limits, allow).SerializeToString()
        if len(answer) > limits.message_bytes:
            raise StatusError(answer_too_large(len(answer), limits.message_bytes))
        return answer


def validate_problem(
    request: service_pb2.ValidateProblemRequest, limits: Limits, allow: Allow
) -> service_pb2.ValidateProblemResponse:
    """Answers ValidateProblem; a bad problem is no error."""
    from optimizer.checks import warnings
    from optimizer.checks.admission import checked_index
    from optimizer.checks.size import model_size
    from optimizer.tables.problem import problem_from_message

    response = service_pb2.ValidateProblemResponse()
    try:
        problem = problem_from_message(request.problem)
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
        response.warnings.extend(_finding_message(finding) for finding in warnings(problem))
    return response


def solve_problem(
    request: service_pb2.SolveRequest, limits: Limits, allow: Allow
) -> service_pb2.SolveResponse:
    """Answers Solve.

    Raises:
        StatusError: the problem or the options cannot be used as they stand.
    """
    from optimizer.checks.admission import checked_index
    from optimizer.run import solve
    from optimizer.solve_options import GUARD_SECONDS, options_from_message
    from optimizer.tables.problem import problem_from_message
    from optimizer.tables.solution import message_from_solution, tables_from_message

    findings: list[Finding] = []
    asked = None
    try:
        options = options_from_message(request.options)
        asked = options.asked
        limit = options.time_limit_seconds
        seconds = min(GUARD_SECONDS, limits.solve_seconds) if limit is None else limit
        if seconds > limits.solve_seconds:
            findings.append(_too_long(seconds, limits.solve_seconds))
    except ProblemError as error:
        findings.extend(error.findings)
    try:
        problem = problem_from_message(request.problem)
        index = checked_index(problem, asked, limits.memory_bytes)
    except ProblemError as error:
        findings.extend(error.findings)
    if findings:
        raise StatusError(bad_problem(findings))
    allow(seconds + limits.grace_seconds)
    start = tables_from_message(request.start) if request.HasField("start") else None
    solution = solve(problem, replace(options, processes=1), start=start, index=index, guard_seconds=seconds)
    return service_pb2.SolveResponse(solution=message_from_solution(solution))


def score_posture(
    request: service_pb2.ScoreRequest, limits: Limits, allow: Allow
) -> service_pb2.ScoreResponse:
    """Answers Score.

    Raises:
        StatusError: the problem cannot be used as it stands.
    """
    from optimizer.questions.score import score
    from optimizer.tables.problem import problem_from_message
    from optimizer.tables.score import message_from_score

    allow(limits.solve_seconds + limits.grace_seconds)
    try:
        found = score(problem_from_message(request.problem), limits.memory_bytes)
    except ProblemError as error:
        raise StatusError(bad_problem(error.findings)) from None
    return service_pb2.ScoreResponse(score=message_from_score(found))


def be_ready(request: Empty, limits: Limits, allow: Allow) -> Empty:
    """Answers nothing; that it answers proves that a worker can start and has what solves."""
    import optimizer.run  # noqa: F401

    return Empty()


METHODS: dict[str, Task[Any]] = {
    "ValidateProblem": Task(validate_problem, service_pb2.ValidateProblemRequest, "validation_count"),
    "Solve": Task(solve_problem, service_pb2.SolveRequest, "solve_count"),
    "Score": Task(score_posture, service_pb2.ScoreRequest, "solve_count"),
}
"""By method of the service, the task that answers it."""

READINESS = "readiness"
"""Name of the task that no method has: the server asks for it at its start."""

TASKS: dict[str, Task[Any]] = {**METHODS, READINESS: Task(be_ready, Empty, "readiness_count")}
"""What a worker can be asked for, by name."""


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
