"""Calls the service: ``Client``, and what can go wrong.

```
ServiceError                 root; has the gRPC code
├── BadProblemError          the problem or the options cannot be used as they stand; has the findings
├── ServiceUnavailableError  nobody answers there, or the connection broke, also after tries
├── ServiceBusyError         every worker is taken, also after tries
├── LimitExceededError       a message, or what the request needs, is larger than the service allows
├── TimeExceededError        the call's timeout passed, or the solve overran its limit and was stopped
└── ServiceFailedError       the service failed; has the incident under which its log tells why
```
"""

import ipaddress
import math
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from forceposture.v1 import problem_pb2, score_pb2, service_pb2, service_pb2_grpc, solution_pb2

MESSAGE_BYTES = 64 * 1024**2
"""Largest message unless ``Client`` is told otherwise; the server's own default."""

TRIES = 5
"""How often a call is tried that the service refused as busy, or that nobody answered."""

LONGEST_TIME_LIMIT_SECONDS = 7 * 86400.0
EXTRA_SECONDS = 150.0  # more than a service's usual grace
RETRY_SECONDS = 2.0
PING_SECONDS = 30.0
SILENCE_SECONDS = 15.0

TOO_LARGE = r"larger than max|metadata size exceeds"
"""How gRPC itself says that a message is too large; its other refusals pass with time."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class BadField:
    """One thing wrong with a request.

    Attributes:
        code: a stable code, such as REFERENCE_UNKNOWN.
        path: where, such as ``sites[POL_ORZYSZ].capacity_persons``.
        message: what is wrong and what to do.
    """

    code: str
    path: str
    message: str


class ServiceError(Exception):
    """Root of the client's errors.

    Attributes:
        code: of gRPC.
    """

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        self.code = code
        super().__init__(message)


class BadProblemError(ServiceError):
    """A problem, or options, that cannot be used as they stand.

    Attributes:
        findings: what is wrong; of very many only the first, and ``Client.validate`` has them all.
    """

    def __init__(self, code: grpc.StatusCode, message: str, findings: Sequence[BadField]) -> None:
        self.findings = tuple(findings)
        super().__init__(code, "\n".join([message, *(finding.message for finding in findings)]))


class ServiceUnavailableError(ServiceError):
    """Nobody answers there, or the connection broke."""


class ServiceBusyError(ServiceError):
    """Every worker is taken.

    Attributes:
        retry_seconds: after how long the service asks to try again.
    """

    def __init__(self, code: grpc.StatusCode, message: str, retry_seconds: float) -> None:
        self.retry_seconds = retry_seconds
        super().__init__(code, message)


class LimitExceededError(ServiceError):
    """A message, or what the request needs, is larger than the service or this client allows."""


class TimeExceededError(ServiceError):
    """The call's timeout passed, or the solve overran its limit and was stopped."""


class ServiceFailedError(ServiceError):
    """The service failed.

    Attributes:
        incident: names the reason in the service's log; empty if the service did not get that far.
    """

    def __init__(self, code: grpc.StatusCode, message: str, incident: str) -> None:
        self.incident = incident
        super().__init__(code, message)


class Client:
    """A connection to the service; use it in a ``with`` statement, or close it.

    A call that the service refused as busy, or that broke, is tried again, up to ``TRIES`` times within its
    timeout: no method stores anything, so a second try does no harm.
    """

    def __init__(
        self,
        address: str,
        credentials: grpc.ChannelCredentials | None = None,
        message_bytes: int = MESSAGE_BYTES,
    ) -> None:
        """Connects when the first call is made.

        Args:
            address: host and port, such as ``127.0.0.1:50051``.
            credentials: for an encrypted connection; without them it is plain.
            message_bytes: largest message, in both directions.
        """
        options = [
            ("grpc.max_receive_message_length", message_bytes),
            ("grpc.max_send_message_length", message_bytes),
            ("grpc.keepalive_time_ms", round(PING_SECONDS * 1000)),
            ("grpc.keepalive_timeout_ms", round(SILENCE_SECONDS * 1000)),
            ("grpc.http2.ping_timeout_ms", round(SILENCE_SECONDS * 1000)),
            ("grpc.http2.max_pings_without_data", 0),
        ]
        if is_loopback(address):
            options.append(
                ("grpc.enable_http_proxy", 0)
            )  # a proxy elsewhere means another machine by 127.0.0.1
        if credentials is None:
            self._channel = grpc.insecure_channel(address, options)
        else:
            self._channel = grpc.secure_channel(address, credentials, options)
        self._stub = service_pb2_grpc.PostureServiceStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; calls that run are cancelled, and their solves with them."""
        self._channel.close()

    def validate(
        self, problem: problem_pb2.Problem, timeout: float = EXTRA_SECONDS
    ) -> service_pb2.ValidateProblemResponse:
        """Returns every finding about a problem, or its warnings and how large its model would be.

        Args:
            problem: the problem.
            timeout: seconds for the whole call, with all tries.

        Raises:
            ServiceError: the service did not answer; findings are no error here.
        """
        request = service_pb2.ValidateProblemRequest(problem=problem)
        return _tried(lambda seconds: self._stub.ValidateProblem(request, timeout=seconds), timeout)

    def solve(
        self,
        problem: problem_pb2.Problem,
        options: solution_pb2.SolveOptions | None = None,
        timeout: float | None = None,
        start: solution_pb2.Solution | None = None,
        **fields: Any,
    ) -> solution_pb2.Solution:
        """Solves a problem. That no plan exists is a result, not an error.

        Args:
            problem: the problem.
            options: how to solve it; what is not set takes the service's default.
            timeout: seconds for the whole call, with all tries; by default the options' time limit and a
                few, and without a time limit as long as the service takes.
            start: a plan of this problem, or of one like it, from which the search for whole numbers starts.
            fields: single fields of SolveOptions, such as ``relax=True``, laid over the options.

        Raises:
            ValueError: SolveOptions has no such field.
            BadProblemError: the problem or the options cannot be used as they stand.
            ServiceError: the service did not answer.
        """
        asked = solution_pb2.SolveOptions()
        if options is not None:
            asked.CopyFrom(options)
        for name in fields:
            asked.ClearField(name)  # type: ignore[arg-type]  # an unknown name raises
        asked.MergeFrom(solution_pb2.SolveOptions(**fields))
        request = service_pb2.SolveRequest(problem=problem, options=asked, start=start)
        if timeout is None:
            limit = asked.time_limit_seconds if asked.HasField("time_limit_seconds") else math.inf
            # Limits out of all range are for the service to refuse, with their path.
            timeout = limit + EXTRA_SECONDS if 0 <= limit <= LONGEST_TIME_LIMIT_SECONDS else math.inf
        return _tried(lambda seconds: self._stub.Solve(request, timeout=seconds), timeout).solution

    def score(self, problem: problem_pb2.Problem, timeout: float = math.inf) -> score_pb2.Score:
        """Says how today's posture stands. A need that is missed, or a rule that is broken, is a result, not an error.

        Args:
            problem: the problem.
            timeout: seconds for the whole call, with all tries; by default as long as the service takes.

        Raises:
            BadProblemError: the problem cannot be used as it stands.
            ServiceError: the service did not answer.
        """
        request = service_pb2.ScoreRequest(problem=problem)
        return _tried(lambda seconds: self._stub.Score(request, timeout=seconds), timeout).score


def is_loopback(address: str) -> bool:
    """Whether an address of a service is of this machine alone, so that no proxy leads there."""
    if address.startswith(("unix:", "unix-abstract:")):
        return True
    target = re.sub(r"^(dns|ipv4|ipv6):/*", "", address)
    host = target.rpartition(":")[0].strip("[]") or target
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def _tried(call: Callable[[float | None], Answer], timeout: float) -> Answer:
    """Calls until there is an answer, an error that no second try mends, or no time."""
    deadline = time.monotonic() + timeout
    for attempt in range(1, TRIES + 1):
        try:
            return call(max(0.0, deadline - time.monotonic()) if deadline < math.inf else None)
        except grpc.RpcError as raised:
            error = _typed(raised)
            pause = error.retry_seconds if isinstance(error, ServiceBusyError) else 0.1 * 2**attempt
            pause *= random.uniform(1, 2)  # so that clients refused together do not come back together
            again = isinstance(error, ServiceBusyError | ServiceUnavailableError) and attempt < TRIES
            if not again or time.monotonic() + pause >= deadline:
                raise error from raised
            time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def _typed(error: Any) -> ServiceError:
    """The error as one of this module's."""
    code: grpc.StatusCode = error.code()
    message: str = error.details() or code.name
    info = error_details_pb2.ErrorInfo()
    violations = error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    status = rpc_status.from_call(error)
    for detail in status.details if status is not None else ():
        for known in (info, violations, retry):
            if detail.Is(known.DESCRIPTOR):
                detail.Unpack(known)
    match code:
        case grpc.StatusCode.INVALID_ARGUMENT:
            fields = [
                BadField(violation.reason, violation.field, violation.description)
                for violation in violations.field_violations
            ]
            return BadProblemError(code, message, fields)
        case grpc.StatusCode.UNAVAILABLE:
            return ServiceUnavailableError(code, message)
        case grpc.StatusCode.RESOURCE_EXHAUSTED if retry.HasField("retry_delay"):
            return ServiceBusyError(code, message, retry.retry_delay.ToMilliseconds() / 1000)
        case grpc.StatusCode.RESOURCE_EXHAUSTED if info.reason or re.search(TOO_LARGE, message):
            return LimitExceededError(code, message)
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return ServiceBusyError(code, message, RETRY_SECONDS)
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return TimeExceededError(code, message)
        case _:
            return ServiceFailedError(code, message, info.metadata.get("incident", ""))
