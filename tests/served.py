"""A service on a free port, in a thread of its own, for tests of the service."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from server import worker
from server.limits import Limits
from server.service import Service
from server.supervisor import Entry


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
