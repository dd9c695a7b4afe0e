"""A service on a free port, in a thread of its own or as a process, for tests of the service."""

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from server.engine import worker
from server.engine.supervisor import Entry
from server.limits import Limits
from server.rpc.service import Service

ROOT = Path(__file__).resolve().parent.parent

COMMAND = "import sys; from server.main import main; sys.exit(main())"


@dataclass(frozen=True)
class Served:
    service: Service
    address: str
    loop: asyncio.AbstractEventLoop


@contextmanager
def serving(
    limits: Limits | None = None, with_reflection: bool = False, entry: Entry = worker.main
) -> Iterator[Served]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

    async def made() -> Service:
        return Service(limits or Limits(), with_reflection, entry)

    service = run(made())
    try:
        port = run(service.start("127.0.0.1", 0))
        yield Served(service, f"127.0.0.1:{port}", loop)
    finally:
        run(service.stop(0))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def is_gone(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    # Where nobody collects orphans, a process that ended stays as a zombie.
    return Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"


@contextmanager
def process(
    code: str, *arguments: str, stdout: int | IO[str] = subprocess.PIPE, root: Path = ROOT
) -> Iterator[subprocess.Popen[str]]:
    path = os.pathsep.join([str(root), str(ROOT / "tests")])
    running = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=root,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            running.kill()
        running.communicate(timeout=20)


def first_line(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


def address_of(command: subprocess.Popen[str]) -> str:
    heard = re.fullmatch(r"posture-server listens on (127\.0\.0\.1:\d+)", first_line(command))
    assert heard is not None
    return heard[1]


def template(server_id: int) -> psutil.Process:
    """The process from which a server's workers are forked."""
    children = psutil.Process(server_id).children()
    return next(child for child in children if "multiprocessing.forkserver" in " ".join(child.cmdline()))


def frozen_worker(server_id: int) -> psutil.Process:
    """The one worker of a server, as soon as there is one; it does nothing until it is resumed."""
    parent = template(server_id)
    assert eventually(lambda: len(parent.children()) == 1)
    (worker_process,) = parent.children()
    worker_process.suspend()
    return worker_process
