"""Options of a solve: said once, the same at the command, on the wire and in what documents say."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.main import get_group

from forceposture.client import Client
from forceposture.command.cli import app
from forceposture.v1 import problem_pb2, service_pb2, solution_pb2
from optimizer.errors import ProblemError
from optimizer.solve_options import (
    OPTIONS,
    SolveOptions,
    default_text,
    help_text,
    message_from_options,
    options_from_message,
    word_from_the_command,
)
from server.limits import SERVICE_NAME

PROTO = Path(__file__).resolve().parent.parent / "protos" / "forceposture" / "v1" / "solution.proto"
SET_BY_THE_SERVER = {"solver_version", "software_version"}
OTHERS: dict[str, Any] = {
    "relax": True,
    "time_limit_seconds": 7.5,
    "relative_gap": 0.25,
    "threads": 3,
    "random_seed": 11,
    "solver": "pdlp",
    "processes": 2,
    "deterministic": True,
    "node_limit": 17,
    "plain_search": True,
    "objectives": ("SHORTFALL", "LEAD_COST"),
    "lead_budget_usd_m": 4000.0,
}
"""For every option a value that is not its default."""


def test_message_has_the_fields_of_the_options() -> None:
    assert set(solution_pb2.SolveOptions.DESCRIPTOR.fields_by_name) == set(OPTIONS) | SET_BY_THE_SERVER
    assert OTHERS.keys() == OPTIONS.keys()


@pytest.mark.parametrize("name", OTHERS)
def test_every_option_travels_and_is_echoed(name: str) -> None:
    needed = {"processes": {"time_limit_seconds": 9.0}}.get(name, {})
    options = SolveOptions(**{name: OTHERS[name], **needed})
    assert options != SolveOptions()
    assert options_from_message(message_from_options(options)) == options
    told = OTHERS[name]
    assert options.echo()[name] == (list(told) if isinstance(told, tuple) else told)


def test_what_is_not_sent_takes_its_default() -> None:
    assert options_from_message(solution_pb2.SolveOptions()) == SolveOptions()


def test_defaults_in_the_protos_are_those_of_the_options() -> None:
    (body,) = re.findall(
        r"^message SolveOptions \{\n(.*?)^\}", PROTO.read_text(encoding="utf-8"), re.M | re.S
    )
    told = {}
    for comment, name in re.findall(r"((?:^  //.*\n)+)  (?:optional|repeated) \w+ (\w+) =", body, re.M):
        text = re.sub(r"\s*//\s*", " ", comment).strip()
        told[name] = next(iter(re.findall(r"Default: (.*)\.$", text)), None)
    del told["processes"]  # a service uses one, whatever is usual
    assert {name for name, text in told.items() if text is None} == SET_BY_THE_SERVER
    expected = {name: default_text(name) or "false" for name in OPTIONS if name in told}
    if told["objectives"] is not None:
        expected["objectives"] = word_from_the_command(expected["objectives"])
    assert {name: text for name, text in told.items() if text is not None} == expected


@pytest.mark.parametrize("command", ["solve", "stand-alone", "avoidable"])
def test_every_command_that_solves_has_every_option(command: str) -> None:
    flags = {parameter.opts[0]: parameter for parameter in get_group(app).commands[command].params}
    for field in fields(SolveOptions):
        flag = flags[OPTIONS[field.name].flag]
        assert getattr(flag, "help", None) == help_text(field.name)
        if field.name != "objectives":
            assert flag.default == field.default
    assert {"--start", "--server", "--with"} <= set(flags)


@pytest.mark.parametrize("name", [name for name, option in OPTIONS.items() if option.most is not None])
def test_numbers_outside_their_range_are_refused_with_their_flag(name: str) -> None:
    option = OPTIONS[name]
    assert option.least is not None
    assert option.most is not None
    for value in (option.least - 1, option.most + 1):
        asked: dict[str, Any] = {name: value}
        with pytest.raises(ProblemError) as raised:
            SolveOptions(**asked)
        (finding,) = raised.value.findings
        assert (finding.code, finding.path) == ("VALUE_RANGE", f"options.{name}")
        assert option.flag in finding.fix


@contextmanager
def hearing(requests: list[service_pb2.SolveRequest]) -> Iterator[str]:
    """A server that answers Solve with nothing and keeps what it was asked."""

    def solve(request: service_pb2.SolveRequest, _: object) -> service_pb2.SolveResponse:
        requests.append(request)
        return service_pb2.SolveResponse()

    handler = grpc.unary_unary_rpc_method_handler(
        solve,
        request_deserializer=service_pb2.SolveRequest.FromString,
        response_serializer=service_pb2.SolveResponse.SerializeToString,
    )
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE_NAME, {"Solve": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0).wait()


def test_client_sends_what_it_is_told_and_no_default_of_its_own() -> None:
    requests: list[service_pb2.SolveRequest] = []
    order = [solution_pb2.OBJECTIVE_EXPOSURE]
    options = solution_pb2.SolveOptions(threads=2, objectives=[solution_pb2.OBJECTIVE_LEAD_COST])
    with hearing(requests) as address, Client(address) as client:
        client.solve(problem_pb2.Problem())
        client.solve(problem_pb2.Problem(), relax=True)
        client.solve(problem_pb2.Problem(), options, threads=0, objectives=order)
        with pytest.raises(ValueError, match="magic"):
            client.solve(problem_pb2.Problem(), magic=1)
    assert [request.options for request in requests] == [
        solution_pb2.SolveOptions(),
        solution_pb2.SolveOptions(relax=True),
        solution_pb2.SolveOptions(threads=0, objectives=order),
    ]
    assert options.threads == 2
