"""Worker processes: one for each request, started from a template, killed when nobody waits for it any more.

A solver may hang or crash, overruns its own time limit, and two of them in two threads may disturb each
other: hence a process each, with a deadline outside of it. Workers come from multiprocessing's fork server, a
template that has imported what solves and never solved; a fork of the server itself could hang.
"""

import asyncio
import dataclasses
import json
import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess

from google.rpc import status_pb2

from server import worker
from server.limits import Limits
from server.statuses import StatusError, busy, overran

Entry = Callable[[str, Connection], None]
"""What a worker process runs: the task's name and its end of the pipe."""


class WorkerError(Exception):
    """A worker that failed or died; the text is for the log."""


class Supervisor:
    """Runs tasks in worker processes, only so many of a kind at once.

    Attributes:
        process_ids: of the workers that run now.
    """

    def __init__(self, limits: Limits, entry: Entry = worker.main) -> None:
        self._limits = limits
        self._entry = entry
        self._free = {
            "solve_problem": limits.solve_count,
            "validate_problem": limits.validation_count,
            "be_ready": 1,
        }
        self._attempts: set[Attempt] = set()
        self._threads = ThreadPoolExecutor(sum(self._free.values()), thread_name_prefix="worker")
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["server.tasks"])

    @property
    def process_ids(self) -> list[int]:
        """Of the workers that run now."""
        return [attempt.process_id for attempt in self._attempts if attempt.process_id is not None]

    async def run(self, task: str, request: bytes) -> bytes:
        """Answers a request in a worker of its own, which is killed if this call is cancelled.

        Raises:
            StatusError: the answer is a status; or every worker is taken; or the worker took too long.
            WorkerError: the worker failed or died.
        """
        if self._free[task] == 0:
            raise StatusError(busy(self._limits.retry_seconds))
        attempt = Attempt(self._context, self._entry, task, self._limits)
        self._free[task] -= 1
        self._attempts.add(attempt)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, attempt.answer, request)
        finally:
            attempt.stop()
            self._attempts.discard(attempt)
            self._free[task] += 1

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
        with self._lock:
            if self._stopped:
                raise WorkerError("stopped before it started")
            self._process.start()
            self.process_id = self._process.pid
        self._far_end.close()
        try:
            return self._talk(request)
        except (EOFError, OSError) as error:
            self._process.join(timeout=5)
            raise WorkerError(f"the worker died with exit code {self._process.exitcode}") from error
        finally:
            self.stop()
            self._process.join()
            self._connection.close()

    def stop(self) -> None:
        """Kills the worker if it runs; it never starts if it does not run yet."""
        with self._lock:
            self._stopped = True
            if self.process_id is not None and self._process.is_alive():
                self._process.kill()

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
