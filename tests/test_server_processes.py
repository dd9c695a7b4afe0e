"""Worker processes of the service: those that fail, and too many at once."""

import asyncio
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from misbehaving_workers import crash, dawdle, devour, fail, freeze, hang
from served import COMMAND, address_of, eventually, is_gone, process, serving, template

from forceposture.client import (
    Client,
    LimitExceededError,
    ServiceBusyError,
    ServiceFailedError,
    ServiceUnavailableError,
    TimeExceededError,
)
from forceposture.v1 import problem_pb2, service_pb2, service_pb2_grpc
from server.limits import SERVICE_NAME, Limits


def test_failed_worker_is_an_incident_without_its_text(
    small: problem_pb2.Problem, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="server")
    with serving(entry=fail) as running, Client(running.address) as client:
        with pytest.raises(ServiceFailedError) as raised:
            client.solve(small, timeout=30)
        assert "nobody outside" not in str(raised.value) + str(raised.value.__cause__)
    fields = [getattr(record, "fields", {}) for record in caplog.records]
    logged = [each for each in fields if "incident" in each]
    assert [each["incident"] for each in logged] == [raised.value.incident]
    assert "what nobody outside may read" in logged[0]["error"]


def test_crashed_worker_hurts_only_its_call(small: problem_pb2.Problem) -> None:
    with serving(entry=crash) as running, Client(running.address) as client:
        for _ in range(2):
            with pytest.raises(ServiceFailedError) as raised:
                client.solve(small, timeout=30)
            assert re.fullmatch("[0-9a-f]{12}", raised.value.incident)
            assert "crashed with SIGKILL" in str(raised.value)
            assert "memory limit" in str(raised.value)


def test_worker_that_overruns_is_killed(small: problem_pb2.Problem) -> None:
    with serving(Limits(checking_seconds=4), entry=hang) as running, Client(running.address) as client:
        with pytest.raises(TimeExceededError, match="did not end within"):
            client.solve(small, timeout=30)
        assert running.service.supervisor.process_ids == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells and caps a process's memory")
def test_worker_that_takes_too_much_memory_is_refused_more(small: problem_pb2.Problem) -> None:
    with (
        serving(Limits(memory_bytes=2**30), entry=devour) as running,
        Client(running.address) as client,
        pytest.raises(LimitExceededError, match="memory limit"),
    ):
        client.solve(small, timeout=30)


def test_worker_is_gone_with_its_service(small: problem_pb2.Problem) -> None:
    with serving(entry=hang) as running, grpc.insecure_channel(running.address) as channel:
        request = service_pb2.SolveRequest(problem=small)
        call = service_pb2_grpc.PostureServiceStub(channel).Solve.future(request, timeout=60)
        assert eventually(lambda: len(running.service.supervisor.process_ids) == 1)
        (process_id,) = running.service.supervisor.process_ids
        asyncio.run_coroutine_threadsafe(running.service.stop(0.2), running.loop).result(20)
        assert call.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
        assert eventually(lambda: is_gone(process_id), 5)


@pytest.mark.parametrize("by", ["cancel", "deadline", "disconnect"])
def test_worker_is_gone_with_its_call(small: problem_pb2.Problem, by: str) -> None:
    with serving(entry=hang) as running, grpc.insecure_channel(running.address) as channel:
        stub = service_pb2_grpc.PostureServiceStub(channel)
        call = stub.Solve.future(
            service_pb2.SolveRequest(problem=small), timeout=2 if by == "deadline" else 300
        )
        supervisor = running.service.supervisor
        assert eventually(lambda: len(supervisor.process_ids) == 1)
        (process_id,) = supervisor.process_ids
        if by == "cancel":
            call.cancel()
        elif by == "disconnect":
            channel.close()
        assert eventually(lambda: is_gone(process_id), 5)
        assert eventually(lambda: supervisor.process_ids == [])


def test_only_so_many_solves_at_once(small: problem_pb2.Problem) -> None:
    request = service_pb2.SolveRequest(problem=small)
    with serving(entry=hang) as running, grpc.insecure_channel(running.address) as channel:
        call = service_pb2_grpc.PostureServiceStub(channel).Solve.future(request, timeout=60)
        assert eventually(lambda: len(running.service.supervisor.process_ids) == 1)
        with Client(running.address) as client, pytest.raises(ServiceBusyError) as raised:
            client.solve(small, timeout=1)
        assert raised.value.retry_seconds == Limits().retry_seconds
        call.cancel()


def test_client_tries_again_when_the_service_is_busy(small: problem_pb2.Problem) -> None:
    limits = Limits(validation_count=1, retry_seconds=0.4)
    with (
        serving(limits, entry=dawdle) as running,
        Client(running.address) as client,
        ThreadPoolExecutor(2) as threads,
    ):
        assert len(list(threads.map(client.validate, [small, small]))) == 2


def test_client_gives_up_where_nobody_answers(small: problem_pb2.Problem) -> None:
    with serving() as running:
        address = running.address
    started = time.monotonic()
    with Client(address) as client, pytest.raises(ServiceUnavailableError):
        client.validate(small)
    assert time.monotonic() - started < 30


def test_worker_is_killed_without_its_template(small: problem_pb2.Problem) -> None:
    with serving(entry=freeze) as running, grpc.insecure_channel(running.address) as channel:
        request = service_pb2.SolveRequest(problem=small)
        call = service_pb2_grpc.PostureServiceStub(channel).Solve.future(request, timeout=60)
        supervisor = running.service.supervisor
        assert eventually(lambda: len(supervisor.process_ids) == 1)
        (process_id,) = supervisor.process_ids
        time.sleep(1)
        killed = template(os.getpid())
        killed.kill()
        assert eventually(lambda: killed.status() == psutil.STATUS_ZOMBIE)
        call.cancel()
        assert eventually(lambda: is_gone(process_id))
        assert eventually(lambda: supervisor.process_ids == [])


def test_service_answers_while_a_worker_cannot_start(small: problem_pb2.Problem) -> None:
    with serving(entry=hang) as running, grpc.insecure_channel(running.address) as channel:
        request = service_pb2.SolveRequest(problem=small)
        stopped = template(os.getpid())
        stopped.suspend()
        try:
            call = service_pb2_grpc.PostureServiceStub(channel).Solve.future(request, timeout=1)
            assert call.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            time.sleep(0.5)
            health = health_pb2_grpc.HealthStub(channel)
            assert health.Check(health_pb2.HealthCheckRequest(), timeout=10).status
        finally:
            stopped.resume()
        assert eventually(lambda: stopped.children() == [])


def test_refused_requests_do_not_stay_in_memory() -> None:
    truncated = b"\x0a\x80\x80\x80\x1c" + bytes(48 * 2**20)
    with process(COMMAND, "--port", "0") as running, grpc.insecure_channel(address_of(running)) as channel:
        server = psutil.Process(running.pid)
        before = server.memory_info().rss
        for method in (f"{SERVICE_NAME}/Solve", "grpc.health.v1.Health/Check"):
            call: Any = channel.unary_unary(f"/{method}")
            for _ in range(8):
                with pytest.raises(grpc.RpcError):
                    call(truncated, timeout=60)
        assert eventually(lambda: server.memory_info().rss - before < 300 * 2**20)
