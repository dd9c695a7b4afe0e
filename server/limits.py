"""What the service allows a request to use."""

from dataclasses import dataclass

SERVICE_NAME = "forceposture.v1.PostureService"
"""The service's full name, as the protos and the health check call it."""


@dataclass(frozen=True)
class Limits:
    """What a request may use, and how many may be worked on at once.

    Attributes:
        message_bytes: largest message, in both directions.
        memory_bytes: memory a worker may take beyond what it starts with; models expected to need more are
            refused before they are built.
        solve_count: solves at once; each has its own process.
        validation_count: validations at once; each has its own process.
        readiness_count: proofs at once that a worker can solve.
        checking_seconds: longest time for reading and checking a problem.
        solve_seconds: longest time limit a solve may ask for.
        grace_seconds: how long a solve may go on after its own time limit, to finish its plan, before it is killed.
        retry_seconds: after how long a refused client should try again.
        stream_count: open streams of a kind at once: of health, and of reflection.
        ping_seconds: shortest time between pings of a client; one that pings more often is cut off.
        silence_seconds: after how long a client that answers no ping counts as gone.
    """

    message_bytes: int = 64 * 1024**2
    memory_bytes: int = 4 * 1024**3
    solve_count: int = 1
    validation_count: int = 2
    readiness_count: int = 1
    checking_seconds: float = 60.0
    solve_seconds: float = 3600.0
    grace_seconds: float = 120.0
    retry_seconds: float = 2.0
    stream_count: int = 32
    ping_seconds: float = 10.0
    silence_seconds: float = 45.0
