"""The worker process: takes one request from its pipe, answers it and ends.

Frames on the pipe are bytes: a word, a line feed and a payload. To the worker go the limits and the request;
from it come at most one ``budget`` (the seconds it may still take) and then one of ``answer`` (the response),
``status`` (a google.rpc.Status) or ``failure`` (text for the log).
"""

import json
import os
import resource
import threading
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from server.engine.tasks import TASKS
from server.limits import Limits
from server.rpc.statuses import StatusError, memory_exhausted


def main(task: str, connection: Connection) -> None:
    """Answers one request.

    Args:
        task: name of one of ``server.engine.tasks.TASKS``.
        connection: the pipe to the server.
    """
    limits = Limits(**json.loads(connection.recv_bytes()))
    request = connection.recv_bytes()
    threading.Thread(target=_end_with_server, args=(connection,), daemon=True).start()
    _cap_memory(limits.memory_bytes)
    try:
        answer = TASKS[task].answer(
            request, limits, lambda seconds: _send(connection, "budget", str(seconds).encode())
        )
        _send(connection, "answer", answer)
    except StatusError as error:
        _send(connection, "status", error.status.SerializeToString())
    except MemoryError:
        _send(connection, "status", memory_exhausted(limits.memory_bytes).SerializeToString())
    except Exception:
        _send(connection, "failure", traceback.format_exc().encode("utf-8", "replace"))


def _send(connection: Connection, word: str, payload: bytes) -> None:
    connection.send_bytes(word.encode() + b"\n" + payload)


def _end_with_server(connection: Connection) -> None:
    """Ends this process when the server closes the pipe or is gone."""
    try:
        connection.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _cap_memory(memory_bytes: int) -> None:
    """Lets the process take so much more memory than it has now, where the system tells how much that is."""
    statistics = Path("/proc/self/statm")
    if statistics.exists():
        taken = int(statistics.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory_bytes, taken + memory_bytes))
