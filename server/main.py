"""The command ``posture-server``."""

# Every worker process runs this file's imports once more: heavy ones stand in functions.
import argparse
import asyncio
import ipaddress
import math
import os
import signal
import sys
from collections.abc import Callable

from optimizer.machine import memory_bytes
from server.limits import Limits


def main() -> int:
    """Serves until it is told to stop by SIGTERM or SIGINT, and drains unless told so twice."""
    arguments = _parser().parse_args()
    if sys.flags.optimize > 1:
        print(
            "posture-server does not run with PYTHONOPTIMIZE=2 or python -OO: Pyomo needs its docstrings.",
            file=sys.stderr,
        )
        return 2
    limits = Limits(
        message_bytes=arguments.maximum_message_bytes,
        memory_bytes=arguments.memory_limit_bytes,
        solve_count=arguments.maximum_solves,
        validation_count=arguments.maximum_validations,
        solve_seconds=arguments.maximum_solve_seconds,
        grace_seconds=arguments.grace_seconds,
    )
    return asyncio.run(
        _serve(arguments.host, arguments.port, limits, arguments.reflection, arguments.drain_seconds)
    )


async def _serve(host: str, port: int, limits: Limits, with_reflection: bool, drain_seconds: float) -> int:
    import logging

    from server.json_log import log_as_json
    from server.rpc.service import Service

    log_as_json()
    service = Service(limits, with_reflection)
    told: asyncio.Queue[None] = asyncio.Queue()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.put_nowait, None)
    try:
        taken = await service.start(host, port)
    except RuntimeError as error:
        print(f"posture-server cannot listen on {host}:{port}: {error}", file=sys.stderr)
        return 1
    if not _is_loopback(host):
        logging.getLogger(__name__).warning(
            "others than this machine can reach the service, which has neither encryption nor passwords"
        )
    _tell(f"posture-server listens on {host}:{taken}")
    await told.get()
    _tell("posture-server stops")
    draining = asyncio.create_task(service.stop(drain_seconds))
    told_again = asyncio.create_task(told.get())
    await asyncio.wait({draining, told_again}, return_when=asyncio.FIRST_COMPLETED)
    if told_again.done():
        await service.stop(0)
    await draining
    return 0


def _tell(line: str) -> None:
    """Prints a line; the server goes on where nobody reads it any more or a disk is full."""
    try:
        print(line, flush=True)
    except OSError:
        # What the buffer holds would fail again at every flush, of which the start of each worker is one.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parser() -> argparse.ArgumentParser:
    usual = Limits()
    usual_memory = min(usual.memory_bytes, memory_bytes() or usual.memory_bytes)
    parser = argparse.ArgumentParser(
        prog="posture-server",
        description="Serves forceposture.v1.PostureService and grpc.health.v1 over gRPC.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="name or address to listen on")
    parser.add_argument(
        "--port", type=_count(0), default=50051, help="port to listen on; 0 for any that is free"
    )
    parser.add_argument("--reflection", action="store_true", help="tell the protos to whoever asks")
    for name, default, minimum, text in [
        ("--maximum-message-bytes", usual.message_bytes, 1, "largest message, in both directions"),
        ("--memory-limit-bytes", usual_memory, 1, "memory for one solve; larger models are refused"),
        ("--maximum-solves", usual.solve_count, 1, "solves at once, each in its own process"),
        ("--maximum-validations", usual.validation_count, 1, "validations at once, each in its own process"),
    ]:
        parser.add_argument(name, type=_count(minimum), default=default, help=text)
    for name, seconds, text in [
        ("--maximum-solve-seconds", usual.solve_seconds, "longest time limit a solve may ask for"),
        (
            "--grace-seconds",
            usual.grace_seconds,
            "how far a solve may overrun its time limit until it is killed",
        ),
        (
            "--drain-seconds",
            30.0,
            "how long running calls may go on after SIGTERM or SIGINT; a second one ends them at once",
        ),
    ]:
        parser.add_argument(name, type=_seconds, default=seconds, help=text)
    return parser


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds")
    return number


def _count(minimum: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        number = int(text)
        if number < minimum:
            raise argparse.ArgumentTypeError(f"{number} is below {minimum}")
        return number

    return whole


if __name__ == "__main__":
    sys.exit(main())
