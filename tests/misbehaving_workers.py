"""What a worker process runs instead of the real task."""

import ctypes
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection

from google.protobuf.wrappers_pb2 import BytesValue
from served import serving

from server.engine import worker


def _instead(task: str, connection: Connection, act: Callable[[], bytes]) -> None:
    from server.engine import tasks

    if task != tasks.READINESS:
        tasks.TASKS[task] = replace(tasks.TASKS[task], function=lambda *_: BytesValue(value=act()))
    worker.main(task, connection)


def hang(task: str, connection: Connection) -> None:
    def act() -> bytes:
        print("worker", os.getpid(), flush=True)
        time.sleep(600)
        return b""

    _instead(task, connection, act)


def freeze(task: str, connection: Connection) -> None:
    def act() -> bytes:
        ctypes.PyDLL(None).sleep(600)  # holds the interpreter's lock, so that no other thread of it runs
        return b""

    _instead(task, connection, act)


def dawdle(task: str, connection: Connection) -> None:
    def act() -> bytes:
        time.sleep(0.5)
        return b""

    _instead(task, connection, act)


def crash(task: str, connection: Connection) -> None:
    def act() -> bytes:
        os.kill(os.getpid(), signal.SIGKILL)
        return b""

    _instead(task, connection, act)


def fail(task: str, connection: Connection) -> None:
    def act() -> bytes:
        raise RuntimeError("what nobody outside may read")

    _instead(task, connection, act)


def devour(task: str, connection: Connection) -> None:
    def act() -> bytes:
        return bytes(bytearray(2**31))

    _instead(task, connection, act)


def serve_hanging() -> None:
    """What the subprocess of a test runs."""
    with serving(entry=hang) as running:
        print("address", running.address, flush=True)
        time.sleep(600)
