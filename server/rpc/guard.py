"""The guard around every call: one log line each, and nothing unforeseen on the wire."""

import asyncio
import logging
import time
import traceback
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NoReturn

import grpc
from google.protobuf.message import DecodeError
from google.rpc import code_pb2, status_pb2
from grpc_status import rpc_status

from server.engine.supervisor import WorkerCrashedError
from server.limits import Limits
from server.rpc.statuses import StatusError, busy, crashed, internal, malformed_message

logger = logging.getLogger(__name__)

Context = grpc.aio.ServicerContext[Any, Any]


class Guard(grpc.aio.ServerInterceptor):
    """Maps what a handler raises to a status, and lets only so many streams of a kind be open.

    A StatusError becomes its status, bytes that cannot be read INVALID_ARGUMENT, and everything else INTERNAL
    with an incident id under which the log has the reason; no text of an exception leaves the server.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open_streams: Counter[str] = Counter()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Wraps a handler of one of the shapes that this server has."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method

        async def unary_unary(request: bytes, context: Context) -> Any:
            answer = _answer(handler, handler.unary_unary, request, context)
            del request  # gRPC keeps this frame with the error of a refused call until garbage is collected
            async with _guarded(method, context):
                return await answer

        async def unary_stream(request: bytes, context: Context) -> None:
            answer = _answer(handler, counted, request, context)
            del request
            async with _guarded(method, context):
                await answer

        async def counted(message: Any, context: Context) -> None:
            with self._one_stream(method):
                await handler.unary_stream(message, context)

        async def stream_stream(requests: AsyncIterator[bytes], context: Context) -> AsyncIterator[Any]:
            async with _guarded(method, context):
                with self._one_stream(method):
                    messages = (_read(handler, request) async for request in requests)
                    async for response in handler.stream_stream(messages, context):
                        yield response

        if handler is None:
            return None
        serializer = handler.response_serializer
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(unary_unary, response_serializer=serializer)
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(unary_stream, response_serializer=serializer)
        return grpc.stream_stream_rpc_method_handler(stream_stream, response_serializer=serializer)

    @contextmanager
    def _one_stream(self, method: str) -> Iterator[None]:
        if self._open_streams[method] >= self._limits.stream_count:
            raise StatusError(busy(self._limits.retry_seconds, "stream"))
        self._open_streams[method] += 1
        try:
            yield
        finally:
            self._open_streams[method] -= 1


@asynccontextmanager
async def _guarded(method: str, context: Context) -> AsyncIterator[None]:
    """Maps what is raised inside, and logs the call."""
    started = time.monotonic()
    fields = {"method": method, "code": "OK"}
    try:
        yield
    except StatusError as error:
        fields |= {"code": code_pb2.Code.Name(error.status.code), "message": error.status.message}
        _clear_frames(error)
        await _abort(context, error.status)
    except asyncio.CancelledError:
        fields["code"] = "CANCELLED"
        raise
    except grpc.aio.AbortError:
        fields["code"] = context.code().name
        raise
    except Exception as error:
        incident = uuid.uuid4().hex[:12]
        fields |= {
            "code": "INTERNAL",
            "incident": incident,
            "error": "".join(traceback.format_exception(error)),
        }
        _clear_frames(error)
        await _abort(context, _failure(error, incident))
    finally:
        logger.info("call", extra={"fields": fields | {"seconds": round(time.monotonic() - started, 3)}})


async def _answer(
    handler: Any, behavior: Callable[[Any, Context], Awaitable[Any]], request: bytes, context: Context
) -> Any:
    return await behavior(_read(handler, request), context)


def _read(handler: Any, request: bytes) -> Any:
    if handler.request_deserializer is None:
        return request
    try:
        return handler.request_deserializer(request)
    except DecodeError:
        raise StatusError(malformed_message()) from None


def _failure(error: Exception, incident: str) -> status_pb2.Status:
    if isinstance(error, WorkerCrashedError):
        return crashed(incident, error.signal_name, error.limit_bytes)
    return internal(incident)


def _clear_frames(error: BaseException | None) -> None:
    """Lets go of the request that the frames of an error hold: the error lives on in the one that ends the call."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


async def _abort(context: Context, status: status_pb2.Status) -> NoReturn:
    ready = rpc_status.to_status(status)
    await context.abort(ready.code, ready.details, ready.trailing_metadata)
