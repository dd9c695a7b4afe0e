"""Processes of the service: workers that fail, too many at once, and the command itself."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import grpc
import pytest
from misbehaving_workers import crash, dawdle, devour, fail, hang
from served import serving

from forceposture.client import (
    Client,
    LimitExceededError,
    ServiceBusyError,
    ServiceFailedError,
    ServiceUnavailableError,
    TimeExceededError,
)
from forceposture.v1 import problem_pb2, service_pb2, service_pb2_grpc
from server.limits import Limits

ROOT = Path(__file__).resolve().parent.parent


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


# Workers that fail.


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


# The command.


@contextmanager
def process(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    running = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_tells_its_address_and_stops_when_told(
    number: signal.Signals, small: problem_pb2.Problem
) -> None:
    code = "import sys; from server.main import main; sys.exit(main())"
    with process(code, "--port", "0") as running:
        heard = re.fullmatch(r"posture-server listens on (127\.0\.0\.1:\d+)", first_line(running))
        assert heard is not None
        with Client(heard[1]) as client:
            assert client.validate(small).problem_digest
        running.send_signal(number)
        assert running.wait(timeout=20) == 0
        assert first_line(running) == "posture-server stops"
        assert running.stderr is not None
        lines = [json.loads(line) for line in running.stderr]
        assert [line["code"] for line in lines if line["event"] == "call"] == ["OK"]


def test_command_says_when_the_port_is_taken() -> None:
    code = "import sys; from server.main import main; sys.exit(main())"
    with serving() as served, process(code, "--port", served.address.rpartition(":")[2]) as running:
        assert running.wait(timeout=20) == 1
        assert running.stderr is not None
        assert "cannot listen on" in running.stderr.read()


def test_worker_ends_with_a_killed_server(small: problem_pb2.Problem) -> None:
    with process("import misbehaving_workers; misbehaving_workers.serve_hanging()") as running:
        address = first_line(running).removeprefix("address ")
        with grpc.insecure_channel(address) as channel:
            request = service_pb2.SolveRequest(problem=small)
            call = service_pb2_grpc.PostureServiceStub(channel).Solve.future(request, timeout=60)
            process_id = int(first_line(running).removeprefix("worker "))
            running.kill()
            assert eventually(lambda: is_gone(process_id), 5)
            assert call.code() == grpc.StatusCode.UNAVAILABLE
