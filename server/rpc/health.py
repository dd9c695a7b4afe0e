"""The health check ``grpc.health.v1``: serving from the first call on until the server stops."""

import asyncio
from typing import Any

import grpc
from grpc_health.v1 import health_pb2

from server.limits import SERVICE_NAME

HEALTH_NAME = "grpc.health.v1.Health"

Context = grpc.aio.ServicerContext[Any, Any]


class Health:
    """Answers whether the server, and its service, take calls.

    The library's own servicer leaves every Watch open for ever, which would hold up each stop of the server.
    """

    def __init__(self) -> None:
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Tells NOT_SERVING from now on, to every Watch as its last message."""
        self._stopping.set()

    def handler(self) -> grpc.GenericRpcHandler:
        """What a server needs to answer these calls."""
        reads = health_pb2.HealthCheckRequest.FromString
        writes = health_pb2.HealthCheckResponse.SerializeToString
        methods = {
            "Check": grpc.unary_unary_rpc_method_handler(self._check, reads, writes),
            "List": grpc.unary_unary_rpc_method_handler(
                self._list,
                health_pb2.HealthListRequest.FromString,
                health_pb2.HealthListResponse.SerializeToString,
            ),
            "Watch": grpc.unary_stream_rpc_method_handler(self._watch, reads, writes),
        }
        return grpc.method_handlers_generic_handler(HEALTH_NAME, methods)

    async def _check(self, request: Any, context: Context) -> Any:
        response = self._response(request.service)
        if response.status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service")
        return response

    async def _list(self, request: Any, context: Context) -> Any:
        return health_pb2.HealthListResponse(
            statuses={name: self._response(name) for name in ("", SERVICE_NAME)}
        )

    async def _watch(self, request: Any, context: Context) -> None:
        response = self._response(request.service)
        await context.write(response)
        await self._stopping.wait()
        last = self._response(request.service)
        if last != response:
            await context.write(last)

    def _response(self, name: str) -> Any:
        if name not in ("", SERVICE_NAME):
            return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)
        if self._stopping.is_set():
            return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.NOT_SERVING)
        return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)
