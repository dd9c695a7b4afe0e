"""Streams, half-open calls and silent connections: they neither shut others out nor hold what others need."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from misbehaving_workers import hang
from served import eventually, first_line, process, serving

from forceposture.client import Client, LimitExceededError, ServiceUnavailableError
from forceposture.v1 import problem_pb2, service_pb2, service_pb2_grpc
from server.limits import SERVICE_NAME, Limits


def watch(channel: grpc.Channel) -> Any:
    return health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=60)


def reflect(channel: grpc.Channel) -> Any:
    def requests() -> Iterator[reflection_pb2.ServerReflectionRequest]:
        yield reflection_pb2.ServerReflectionRequest(list_services="")
        threading.Event().wait(2)

    return reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(requests(), timeout=60)


def check(channel: grpc.Channel) -> Any:
    return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10).status


@pytest.mark.parametrize("opened", [watch, reflect])
def test_streams_beyond_their_number_are_told_to_come_back(opened: Any) -> None:
    limits = Limits(stream_count=3)
    with serving(limits, with_reflection=True) as running, grpc.insecure_channel(running.address) as channel:
        streams = [opened(channel) for _ in range(limits.stream_count)]
        for stream in streams:
            next(stream)
        with pytest.raises(grpc.RpcError) as raised:
            next(opened(channel))
        assert raised.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        details = [packed.TypeName() for packed in rpc_status.from_call(raised.value).details]
        assert details == [
            kind.DESCRIPTOR.full_name for kind in (error_details_pb2.ErrorInfo, error_details_pb2.RetryInfo)
        ]
        assert check(channel) == health_pb2.HealthCheckResponse.SERVING

        def is_let_in() -> bool:
            try:
                next(opened(channel))
            except grpc.RpcError:
                return False
            return True

        streams[0].cancel()
        assert eventually(is_let_in)


def test_half_open_calls_do_not_shut_health_out() -> None:
    done = threading.Event()

    def nothing() -> Iterator[bytes]:
        done.wait(60)
        yield from ()

    with serving() as running, grpc.insecure_channel(running.address) as channel:
        method: Any = channel.stream_unary(f"/{SERVICE_NAME}/ValidateProblem")
        calls = [method.future(nothing(), timeout=60) for _ in range(100)]
        time.sleep(1)
        assert check(channel) == health_pb2.HealthCheckResponse.SERVING
        for call in calls:
            call.cancel()
        done.set()


def test_health_lists_what_it_knows() -> None:
    with serving() as running, grpc.insecure_channel(running.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        response = health.List(health_pb2.HealthListRequest(), timeout=10)
        assert {name: each.status for name, each in response.statuses.items()} == {
            "": health_pb2.HealthCheckResponse.SERVING,
            SERVICE_NAME: health_pb2.HealthCheckResponse.SERVING,
        }
        with pytest.raises(grpc.RpcError) as raised:
            health.Check(health_pb2.HealthCheckRequest(service="unknown"), timeout=10)
        assert raised.value.code() == grpc.StatusCode.NOT_FOUND


# Silence.


def test_client_may_ping(small: problem_pb2.Problem) -> None:
    options = [("grpc.keepalive_time_ms", 1000), ("grpc.http2.max_pings_without_data", 0)]
    with (
        serving(Limits(ping_seconds=0.5), entry=hang) as running,
        grpc.insecure_channel(running.address, options) as channel,
    ):
        request = service_pb2.SolveRequest(problem=small)
        call = service_pb2_grpc.PostureServiceStub(channel).Solve.future(request, timeout=60)
        time.sleep(8)
        assert not call.done()
        call.cancel()


SOLVE = """
import sys
from small_problem import small_problem
from forceposture.client import Client
from optimizer.tables.problem import message_from_problem
Client(sys.argv[1]).solve(message_from_problem(small_problem()), timeout=600)
"""


def test_client_that_falls_silent_frees_its_worker() -> None:
    with (
        serving(Limits(silence_seconds=3), entry=hang) as running,
        process(SOLVE, running.address) as client,
    ):
        supervisor = running.service.supervisor
        assert eventually(lambda: len(supervisor.process_ids) == 1, 60)
        client.send_signal(signal.SIGSTOP)
        assert eventually(lambda: supervisor.process_ids == [], 30)


def test_client_notices_a_silent_service(small: problem_pb2.Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PING_SECONDS", "SILENCE_SECONDS", "TRIES"):
        monkeypatch.setattr(f"forceposture.client.{name}", 1)
    serve = "import misbehaving_workers; misbehaving_workers.serve_hanging()"
    with process(serve) as server, ThreadPoolExecutor(1) as threads:
        with Client(first_line(server).removeprefix("address ")) as client:
            solve = threads.submit(client.solve, small, timeout=60)
            worker_id = int(first_line(server).removeprefix("worker "))
            server.send_signal(signal.SIGSTOP)
            assert isinstance(solve.exception(timeout=40), ServiceUnavailableError)
        os.kill(worker_id, signal.SIGKILL)


# What gRPC itself refuses.


def test_client_tries_again_what_grpc_refused(
    small: problem_pb2.Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forceposture.client.RETRY_SECONDS", 0.5)

    def solve(request: bytes, context: grpc.ServicerContext) -> bytes:
        time.sleep(0.5)
        return b""

    methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "Solve": grpc.unary_unary_rpc_method_handler(solve)
    }
    server = grpc.server(ThreadPoolExecutor(2), maximum_concurrent_rpcs=1)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE_NAME, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with Client(f"127.0.0.1:{port}") as client, ThreadPoolExecutor(2) as threads:
            assert len(list(threads.map(client.solve, [small, small]))) == 2
    finally:
        server.stop(None).wait()


def test_client_does_not_send_again_what_is_too_large(small: problem_pb2.Problem) -> None:
    with (
        serving(Limits(message_bytes=1000)) as running,
        Client(running.address) as client,
        pytest.raises(LimitExceededError),
    ):
        client.validate(small)
