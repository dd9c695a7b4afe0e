"""The command that serves: how it starts, drains and stops."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from served import (
    COMMAND,
    address_of,
    eventually,
    first_line,
    frozen_worker,
    is_gone,
    process,
    serving,
)

from forceposture.client import Client
from forceposture.v1 import problem_pb2, service_pb2, service_pb2_grpc


@contextmanager
def solving(address: str, problem: problem_pb2.Problem) -> Iterator[Any]:
    request = service_pb2.SolveRequest(problem=problem)
    with grpc.insecure_channel(address) as channel:
        yield service_pb2_grpc.PostureServiceStub(channel).Solve.future(request, timeout=120)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_tells_its_address_and_stops_when_told(
    number: signal.Signals, small: problem_pb2.Problem
) -> None:
    with process(COMMAND, "--port", "0") as running:
        with Client(address_of(running)) as client:
            assert client.validate(small).problem_digest
        running.send_signal(number)
        assert running.wait(timeout=20) == 0
        assert first_line(running) == "posture-server stops"
        assert running.stderr is not None
        lines = [json.loads(line) for line in running.stderr]
        assert [line["code"] for line in lines if line["event"] == "call"] == ["OK"]


def test_command_says_when_the_port_is_taken() -> None:
    with serving() as served, process(COMMAND, "--port", served.address.rpartition(":")[2]) as running:
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


def test_stop_of_the_whole_group_lets_a_solve_end(small: problem_pb2.Problem) -> None:
    with process(COMMAND, "--port", "0") as running, solving(address_of(running), small) as call:
        worker = frozen_worker(running.pid)
        os.killpg(running.pid, signal.SIGTERM)
        assert first_line(running) == "posture-server stops"
        worker.resume()
        assert call.result().solution.outcome.audit_passed
        assert running.wait(timeout=20) == 0


def test_second_signal_ends_the_drain(small: problem_pb2.Problem) -> None:
    arguments = ["--port", "0", "--drain-seconds", "100"]
    with process(COMMAND, *arguments) as running, solving(address_of(running), small) as call:
        worker = frozen_worker(running.pid)
        running.send_signal(signal.SIGTERM)
        assert first_line(running) == "posture-server stops"
        time.sleep(0.5)
        assert running.poll() is None
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=20) == 0
        assert call.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
        assert eventually(lambda: is_gone(worker.pid))


def test_watching_health_does_not_hold_up_a_stop() -> None:
    arguments = ["--port", "0", "--drain-seconds", "100"]
    with process(COMMAND, *arguments) as running, grpc.insecure_channel(address_of(running)) as channel:
        told = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=60)
        assert next(told).status == health_pb2.HealthCheckResponse.SERVING
        running.send_signal(signal.SIGTERM)
        assert [each.status for each in told] == [health_pb2.HealthCheckResponse.NOT_SERVING]
        assert running.wait(timeout=20) == 0


def test_command_drains_when_nobody_reads_it_any_more(small: problem_pb2.Problem) -> None:
    with process(COMMAND, "--port", "0") as running, solving(address_of(running), small) as call:
        worker = frozen_worker(running.pid)
        assert running.stdout is not None
        running.stdout.close()
        running.stdout = None
        running.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        worker.resume()
        assert call.result().solution.outcome.audit_passed
        assert running.wait(timeout=20) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_command_serves_where_its_lines_find_no_room(small: problem_pb2.Problem) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with (
        Path("/dev/full").open("w", encoding="utf-8") as full,
        process(COMMAND, "--port", port, stdout=full) as running,
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        request = service_pb2.ValidateProblemRequest(problem=small)
        stub = service_pb2_grpc.PostureServiceStub(channel)
        assert stub.ValidateProblem(request, timeout=60, wait_for_ready=True).problem_digest
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=20) == 0
