"""The gRPC server: methods, health, reflection, start and stop."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from grpc_reflection.v1alpha import reflection

from server.engine import worker
from server.engine.supervisor import Entry, Supervisor
from server.engine.tasks import METHODS, READINESS
from server.limits import SERVICE_NAME, Limits
from server.rpc.guard import Guard
from server.rpc.health import HEALTH_NAME, Health

logger = logging.getLogger(__name__)

Answering = Callable[[bytes, grpc.aio.ServicerContext[Any, Any]], Awaitable[bytes]]


class Service:
    """A server of ``PostureService``, with health and, if asked, reflection.

    Requests pass through it as bytes and are read in worker processes, so that no message, however large,
    holds up the event loop.

    Attributes:
        supervisor: of the worker processes.
    """

    def __init__(self, limits: Limits, with_reflection: bool = False, entry: Entry = worker.main) -> None:
        self.supervisor = Supervisor(limits, entry)
        self._health = Health()
        self._server = grpc.aio.server(
            interceptors=[Guard(limits)],
            options=[
                ("grpc.max_receive_message_length", limits.message_bytes),
                ("grpc.max_send_message_length", limits.message_bytes),
                ("grpc.so_reuseport", 0),
                ("grpc.keepalive_time_ms", round(limits.silence_seconds * 1000 * 2 / 3)),
                ("grpc.keepalive_timeout_ms", round(limits.silence_seconds * 1000 / 3)),
                ("grpc.http2.ping_timeout_ms", round(limits.silence_seconds * 1000 / 3)),
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_ping_interval_without_data_ms", round(limits.ping_seconds * 1000)),
            ],
        )
        methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
            name: grpc.unary_unary_rpc_method_handler(self._answering(name)) for name in METHODS
        }
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE_NAME, methods), self._health.handler())
        )
        if with_reflection:
            names = (SERVICE_NAME, HEALTH_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)

    async def start(self, host: str, port: int) -> int:
        """Proves that a worker can solve, then listens.

        Args:
            host: name or address to listen on.
            port: port to listen on; 0 for any that is free.

        Returns:
            The port.

        Raises:
            RuntimeError: the address is taken or not of this machine.
            WorkerError: workers cannot run.
        """
        await self.supervisor.run(READINESS, b"")
        taken = self._server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        await self._server.start()
        return taken

    async def stop(self, drain_seconds: float) -> None:
        """Takes no more calls, lets those that run end, and cancels them after so many seconds.

        Called again with fewer seconds, it cancels them sooner.
        """
        self._health.stop()
        await self._server.stop(drain_seconds)
        self.supervisor.close()

    def _answering(self, method: str) -> Answering:
        async def answer(request: bytes, context: grpc.aio.ServicerContext[Any, Any]) -> bytes:
            return await self.supervisor.run(method, request)

        return answer
