"""Worker processes: one for each request, started from a template, killed when nobody waits for it any more.

A solver may hang or crash, overruns its own time limit, and two of them in two threads may disturb each
other: hence a process each, with a deadline outside of it. Workers come from multiprocessing's fork server, a
template that has imported what solves and never solved; a fork of the server itself could hang.
"""

import asyncio
import dataclasses
import json
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess

from google.rpc import status_pb2

from server.engine import worker
from server.engine.tasks import TASKS
from server.limits import Limits
from server.rpc.statuses import StatusError, busy, overran

Entry = Callable[[str, Connection], None]
"""What a worker process runs: the task's name and its end of the pipe."""


class WorkerError(Exception):
    """A worker that failed or died; the text is for the log."""


class WorkerCrashedError(WorkerError):
    """A worker that a signal ended.

    Attributes:
        signal_name: such as SIGSEGV.
        limit_bytes: of memory, that the worker had.
    """

    def __init__(self, signal_name: str, limit_bytes: int) -> None:
        self.signal_name = signal_name
        self.limit_bytes = limit_bytes
        super().__init__(f"the worker was ended by {signal_name}")


class Supervisor:
    """Runs tasks in worker processes, only so many of a kind at once.

    Attributes:
        process_ids: of the workers that run now.
    """

    def __init__(self, limits: Limits, entry: Entry = worker.main) -> None:
        self._limits = limits
        self._entry = entry
        self._free = {task.slots: int(getattr(limits, task.slots)) for task in TASKS.values()}
        self._attempts: set[Attempt] = set()
        self._threads = ThreadPoolExecutor(sum(self._free.values()), thread_name_prefix="worker")
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(
            ["server.engine.template", "server.engine.tasks", "optimizer.run"]
        )

    @property
    def process_ids(self) -> list[int]:
        """Of the workers that run now."""
        return [attempt.process_id for attempt in self._attempts if attempt.process_id is not None]

    async def run(self, task: str, request: bytes) -> bytes:
        """Answers a request in a worker of its own, which is killed if this call is cancelled.

        Args:
            task: name of one of ``TASKS``.
            request: the bytes of its message.

        Raises:
            StatusError: the answer is a status; or every worker is taken; or the worker took too long.
            WorkerError: the worker failed or died.
        """
        slots = TASKS[task].slots
        if self._free[slots] == 0:
            raise StatusError(busy(self._limits.retry_seconds))
        attempt = Attempt(self._context, self._entry, task, self._limits)
        self._free[slots] -= 1
        self._attempts.add(attempt)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, attempt.answer, request)
        finally:
            attempt.stop()
            self._attempts.discard(attempt)
            self._free[slots] += 1

    def close(self) -> None:
        """Kills every worker."""
        for attempt in list(self._attempts):
            attempt.stop()
        self._threads.shutdown()


class Attempt:
    """One worker process and the talk with it.

    Attributes:
        process_id: of the worker; None before it runs.
    """

    def __init__(self, context: ForkServerContext, entry: Entry, task: str, limits: Limits) -> None:
        self.process_id: int | None = None
        self._limits = limits
        self._connection, self._far_end = context.Pipe()
        self._process: ForkServerProcess = context.Process(
            target=entry, args=(task, self._far_end), daemon=True
        )
        self._lock = threading.Lock()
        self._stopped = False

    def answer(self, request: bytes) -> bytes:
        """Starts the worker, hands it the request and waits for its answer; for a thread, and only once."""
        try:
            self._start()
            return self._talk(request)
        except (EOFError, OSError) as error:
            raise self._failure() from error
        finally:
            self.stop()
            if self.process_id is not None:
                self._process.join()
            with self._lock:
                self._connection.close()

    def stop(self) -> None:
        """Ends the talk, and with it the worker; from any thread, at once, and as often as one likes.

        A worker that is just starting is killed when the answering thread finds the talk ended. Whether a worker
        still runs is known from the template, which may be gone: hence the signal to the process id, which is
        the worker's at least until the answering thread closes the connection.
        """
        with self._lock:
            self._stopped = True
            if self._connection.closed:
                return
            with suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
            if self.process_id is not None:
                with suppress(ProcessLookupError):
                    os.kill(self.process_id, signal.SIGKILL)

    def _start(self) -> None:
        if self._stopped:
            raise WorkerError("stopped before it started")
        self._process.start()
        self.process_id = self._process.pid
        self._far_end.close()

    def _failure(self) -> WorkerError:
        """Why the talk ended early."""
        if self.process_id is None:
            return WorkerError("the worker could not start")
        self._process.join(timeout=5)
        exit_code = self._process.exitcode
        if exit_code is not None and exit_code < 0:
            return WorkerCrashedError(signal.Signals(-exit_code).name, self._limits.memory_bytes)
        return WorkerError(f"the worker died with exit code {exit_code}")

    def _talk(self, request: bytes) -> bytes:
        self._connection.send_bytes(json.dumps(dataclasses.asdict(self._limits)).encode())
        self._connection.send_bytes(request)
        allowed_seconds = self._limits.checking_seconds
        deadline = time.monotonic() + allowed_seconds
        while True:
            if not self._connection.poll(max(0.0, deadline - time.monotonic())):
                raise StatusError(overran(allowed_seconds))
            word, _, payload = self._connection.recv_bytes().partition(b"\n")
            match word:
                case b"budget":
                    allowed_seconds = float(payload)
                    deadline = time.monotonic() + allowed_seconds
                case b"answer":
                    return payload
                case b"status":
                    raise StatusError(status_pb2.Status.FromString(payload))
                case _:
                    raise WorkerError(payload.decode("utf-8", "replace"))
