"""The statuses with which the service refuses or fails: each has an ErrorInfo and details that help."""

from collections.abc import Sequence

from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from optimizer.errors import Finding

DOMAIN = "forceposture"

DETAIL_BYTES = 4096
"""Details travel as metadata, of which a client accepts 8 kB unless it asks for more."""


class StatusError(Exception):
    """A request that ends with a status of its own.

    Attributes:
        status: what the caller gets.
    """

    def __init__(self, status: status_pb2.Status) -> None:
        self.status = status
        super().__init__(status.message)


def bad_problem(findings: Sequence[Finding]) -> status_pb2.Status:
    """INVALID_ARGUMENT with the path of every finding, or of as many as metadata can carry."""
    violations = error_details_pb2.BadRequest()
    for finding in findings:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=_short(finding.path), description=_short(str(finding)), reason=finding.code
        )
        if violations.ByteSize() + violation.ByteSize() > DETAIL_BYTES:
            break
        violations.field_violations.append(violation)
    shown = len(violations.field_violations)
    heading = f"{len(findings)} finding{'s' if len(findings) != 1 else ''}"
    if shown < len(findings):
        heading += f", the first {shown} in the details; ValidateProblem returns all of them"
    counts = {"finding_count": str(len(findings)), "shown_count": str(shown)}
    return _status(code_pb2.INVALID_ARGUMENT, heading, findings[0].code, counts, violations)


def malformed_message() -> status_pb2.Status:
    """INVALID_ARGUMENT for bytes that are not the message of the method."""
    return _status(
        code_pb2.INVALID_ARGUMENT, "the bytes sent are not a message of this method", "MESSAGE_MALFORMED"
    )


def busy(retry_seconds: float, taken: str = "worker") -> status_pb2.Status:
    """RESOURCE_EXHAUSTED for a request that finds every worker or stream taken, with the time to try again."""
    delay = duration_pb2.Duration()
    delay.FromMilliseconds(round(retry_seconds * 1000))
    return _status(
        code_pb2.RESOURCE_EXHAUSTED,
        f"every {taken} is taken; try again in {retry_seconds:g} s",
        f"{taken.upper()}S_BUSY",
        {},
        error_details_pb2.RetryInfo(retry_delay=delay),
    )


def answer_too_large(size_bytes: int, limit_bytes: int) -> status_pb2.Status:
    """RESOURCE_EXHAUSTED for an answer beyond the limit of messages."""
    return _status(
        code_pb2.RESOURCE_EXHAUSTED,
        f"the answer has {size_bytes} bytes, more than the limit of {limit_bytes}",
        "ANSWER_TOO_LARGE",
        {"size_bytes": str(size_bytes), "limit_bytes": str(limit_bytes)},
    )


def memory_exhausted(limit_bytes: int) -> status_pb2.Status:
    """RESOURCE_EXHAUSTED for a worker that reached its memory limit."""
    return _status(
        code_pb2.RESOURCE_EXHAUSTED,
        f"the worker reached its memory limit of {limit_bytes} bytes; send a smaller problem",
        "MEMORY_LIMIT",
        {"limit_bytes": str(limit_bytes)},
    )


def overran(allowed_seconds: float) -> status_pb2.Status:
    """DEADLINE_EXCEEDED for a worker that did not end by itself in time and was killed."""
    return _status(
        code_pb2.DEADLINE_EXCEEDED,
        f"the worker did not end within {allowed_seconds:g} s and was stopped; nothing was kept",
        "WORKER_OVERRAN",
        {"allowed_seconds": f"{allowed_seconds:g}"},
    )


def crashed(incident: str, signal_name: str, limit_bytes: int) -> status_pb2.Status:
    """INTERNAL for a worker that a signal ended."""
    return _status(
        code_pb2.INTERNAL,
        f"the worker crashed with {signal_name}, most often because the problem needs more than its memory "
        f"limit of {limit_bytes} bytes; try a smaller problem. The log has more under incident {incident}",
        "WORKER_CRASHED",
        {"incident": incident, "signal": signal_name, "limit_bytes": str(limit_bytes)},
    )


def internal(incident: str) -> status_pb2.Status:
    """INTERNAL with nothing but the name under which the server's log tells what happened."""
    return _status(
        code_pb2.INTERNAL,
        f"the server failed; its log has the reason under incident {incident}",
        "SERVER_FAILED",
        {"incident": incident},
    )


def _status(
    code: int, message: str, reason: str, metadata: dict[str, str] | None = None, *details: Message
) -> status_pb2.Status:
    status = status_pb2.Status(code=code, message=message)
    info = error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata or {})
    for detail in (info, *details):
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status


def _short(text: str, length: int = 400) -> str:
    """The text, cut where a single one could fill the whole room."""
    return text if len(text) <= length else text[: length - 1] + "…"
