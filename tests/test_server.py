"""The service on a free port, over a real channel: what it answers, and what it refuses."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from served import Served, serving
from small_problem import small_problem

from forceposture.client import BadProblemError, Client, LimitExceededError
from forceposture.v1 import problem_pb2, service_pb2, service_pb2_grpc, solution_pb2
from optimizer.cases.read import read_case
from optimizer.tables.problem import Problem, message_from_problem
from server.limits import SERVICE_NAME, Limits

ROOT = Path(__file__).resolve().parent.parent
METHODS = ["Score", "Solve", "ValidateProblem"]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as running:
        yield running


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.address) as connected:
        yield connected


def details_of(error: grpc.RpcError, kind: Any) -> Any:
    for packed in rpc_status.from_call(error).details:
        detail = kind()
        if packed.Is(kind.DESCRIPTOR):
            packed.Unpack(detail)
            return detail
    raise AssertionError(f"no {kind.__name__}")


def raw_call(address: str, method: str, request: bytes, **settings: Any) -> bytes:
    with grpc.insecure_channel(address) as channel:
        call: Any = channel.unary_unary(f"/{SERVICE_NAME}/{method}")
        answer: bytes = call(request, timeout=30, **settings)
        return answer


# Answers.

PLAIN_CLIENT = """
import sys
import grpc
from google.protobuf import json_format
from forceposture.v1 import service_pb2, service_pb2_grpc
assert service_pb2.__file__.startswith(sys.argv[3]), service_pb2.__file__
request = service_pb2.SolveRequest()
request.problem.ParseFromString(open(sys.argv[2], "rb").read())
with grpc.insecure_channel(sys.argv[1]) as channel:
    response = service_pb2_grpc.PostureServiceStub(channel).Solve(request, timeout=120)
print(json_format.MessageToJson(response.solution, preserving_proto_field_name=True))
"""


def test_client_from_protos_alone_gets_what_the_command_prints(served: Served, tmp_path: Path) -> None:
    protos = ROOT / "protos"
    sources = [str(path) for path in sorted((protos / "forceposture/v1").glob("*.proto"))]
    compiler = [sys.executable, "-m", "grpc_tools.protoc", f"-I{protos}"]
    outputs = [f"--python_out={tmp_path}", f"--grpc_python_out={tmp_path}"]
    subprocess.run([*compiler, *outputs, *sources], check=True, timeout=60)
    for folder in ("forceposture", "forceposture/v1"):
        (tmp_path / folder / "__init__.py").touch()
    problem_file = tmp_path / "problem.bin"
    problem_file.write_bytes(message_from_problem(read_case("hand_no_response")).SerializeToString())
    arguments = [served.address, str(problem_file), str(tmp_path)]
    answered = subprocess.run(
        [sys.executable, "-c", PLAIN_CLIENT, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
        timeout=150,
        capture_output=True,
        text=True,
    )
    from_service = json.loads(answered.stdout)
    command = "import sys; from forceposture.command.cli import main; sys.exit(main())"
    printed = subprocess.run(
        [sys.executable, "-c", command, "solve", "hand_no_response", "--json"],
        cwd=ROOT,
        check=True,
        timeout=150,
        capture_output=True,
        text=True,
    )
    from_command = json.loads(printed.stdout)
    assert from_service["outcome"]["lead_cost_usd_m"] == pytest.approx(10350.0)
    for name in ("lead_cost_usd_m", "objective_usd_m", "penalty_usd_m", "alliance_cost_usd_m"):
        assert from_service["outcome"][name] == from_command["outcome"][name]
    assert from_service["outcome"]["plan"] == "PLAN_OPTIMAL"
    assert from_command["outcome"]["plan"] == "OPTIMAL"
    assert from_service["problem_digest"] == from_command["problem_digest"]
    assert [line["usd_m"] for line in from_service["ledger"]] == [
        line["usd_m"] for line in from_command["ledger"]
    ]


def test_client_solves(client: Client, small: problem_pb2.Problem) -> None:
    solution = client.solve(small, solution_pb2.SolveOptions(relax=True, time_limit_seconds=60))
    assert solution.options.relax
    assert solution.problem_digest == small_problem().digest
    assert solution.outcome.audit_passed


def test_client_solves_from_a_plan_however_odd(client: Client, small: problem_pb2.Problem) -> None:
    plan = client.solve(small)
    plan.owned_forces.add(actor_id="ATLANTIS", owned_count=float("nan"))
    plan.stationed_forces.add(mode=99, stationed_count=1e300)
    again = client.solve(small, start=plan)
    assert again.outcome.objective_usd_m == pytest.approx(plan.outcome.objective_usd_m)


def test_validate_finds_all_that_solve_refuses(client: Client) -> None:
    """Nobody is ready for the needs of the worked example: that only shows once it is known what exists."""
    case = read_case("hand_no_response")
    unready = case["readiness"].assign(ready_fraction=0.0)
    message = message_from_problem(Problem({**case.tables, "readiness": unready}))
    codes = [finding.code for finding in client.validate(message).findings]
    assert set(codes) == {"REQUIREMENT_UNREACHABLE"}
    with pytest.raises(BadProblemError) as raised:
        client.solve(message)
    assert [finding.code for finding in raised.value.findings] == codes


def test_validate_warns_of_what_solve_takes(client: Client, small: problem_pb2.Problem) -> None:
    assert not client.validate(small).warnings
    poland = [row for row in small.actor_years if row.actor_id == "POL"]
    for number in range(4):
        year = small.actor_years.add(actor_id="POL", year=2040 + number, gdp_usd_m=860_000 + number)
    year.gdp_usd_m = poland[0].gdp_usd_m / 1000
    response = client.validate(small)
    (warning,) = response.warnings
    assert (warning.code, warning.table_name) == ("FIGURE_SUSPICIOUS", "actor_years")
    assert (warning.row_key, warning.column_name) == ("POL/2043", "gdp_usd_m")
    assert "" not in (warning.message, warning.fix)
    assert not response.findings
    assert response.problem_digest
    assert client.solve(small, relax=True).outcome.audit_passed


def test_validate_tells_size_and_digest(client: Client, small: problem_pb2.Problem) -> None:
    response = client.validate(small)
    assert not response.findings
    assert response.model_size.row_count > 0
    assert response.model_size.memory_bytes > 0
    assert response.problem_digest == small_problem().digest


def test_every_method_of_the_protos_is_served(served: Served) -> None:
    methods = service_pb2.DESCRIPTOR.services_by_name["PostureService"].methods_by_name
    assert sorted(methods) == METHODS
    for method in methods:
        with pytest.raises(grpc.RpcError) as raised:
            raw_call(served.address, method, b"\xff")
        assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_health(served: Served) -> None:
    with grpc.insecure_channel(served.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for name in ("", SERVICE_NAME):
            response = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=10)
            assert response.status == health_pb2.HealthCheckResponse.SERVING


def _reflected(address: str) -> list[str]:
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    with grpc.insecure_channel(address) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        response = next(stub.ServerReflectionInfo(iter([request]), timeout=10))
    return [service.name for service in response.list_services_response.service]


def test_reflection_is_a_flag(served: Served) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        _reflected(served.address)
    assert raised.value.code() == grpc.StatusCode.UNIMPLEMENTED
    with serving(with_reflection=True) as running:
        assert SERVICE_NAME in _reflected(running.address)


# Bad requests.


def _negative(problem: problem_pb2.Problem) -> str:
    problem.sites[0].capacity_persons = -1
    return f"sites[{problem.sites[0].site_id}].capacity_persons"


def _not_a_number(problem: problem_pb2.Problem) -> str:
    problem.sites[0].capacity_persons = float("nan")
    return f"sites[{problem.sites[0].site_id}].capacity_persons"


def _infinite(problem: problem_pb2.Problem) -> str:
    problem.settings.discount_rate_fraction = float("inf")
    return "settings.discount_rate_fraction"


def _unknown_reference(problem: problem_pb2.Problem) -> str:
    problem.sites[0].staging_area_id = "NOWHERE"
    return f"sites[{problem.sites[0].site_id}].staging_area_id"


def _same_key_twice(problem: problem_pb2.Problem) -> str:
    problem.theaters.append(problem.theaters[0])
    return f"theaters[{problem.theaters[0].theater_id}]"


def _no_settings(problem: problem_pb2.Problem) -> str:
    problem.ClearField("settings")
    return "settings"


@pytest.mark.parametrize(
    "spoil", [_negative, _not_a_number, _infinite, _unknown_reference, _same_key_twice, _no_settings]
)
def test_bad_problem_is_refused_with_its_path(
    served: Served, client: Client, small: problem_pb2.Problem, spoil: Callable[[problem_pb2.Problem], str]
) -> None:
    path = spoil(small)
    with grpc.insecure_channel(served.address) as channel, pytest.raises(grpc.RpcError) as raised:
        service_pb2_grpc.PostureServiceStub(channel).Solve(
            service_pb2.SolveRequest(problem=small), timeout=30
        )
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    info = details_of(raised.value, error_details_pb2.ErrorInfo)
    violations = details_of(raised.value, error_details_pb2.BadRequest).field_violations
    assert info.domain == "forceposture"
    assert any(violation.field.startswith(path) for violation in violations)
    assert info.reason == violations[0].reason

    with pytest.raises(BadProblemError) as typed:
        client.solve(small)
    found = client.validate(small).findings
    assert [finding.code for finding in typed.value.findings] == [finding.code for finding in found]
    assert len(violations) == len(found)


@pytest.mark.parametrize(
    "options",
    [
        solution_pb2.SolveOptions(time_limit_seconds=float("nan")),
        solution_pb2.SolveOptions(time_limit_seconds=-100),
        solution_pb2.SolveOptions(time_limit_seconds=float("inf")),
        solution_pb2.SolveOptions(time_limit_seconds=1e300),
        solution_pb2.SolveOptions(time_limit_seconds=1e6),
    ],
)
def test_bad_options_are_refused_with_their_path(
    client: Client, small: problem_pb2.Problem, options: solution_pb2.SolveOptions
) -> None:
    with pytest.raises(BadProblemError) as raised:
        client.solve(small, options)
    assert [finding.path for finding in raised.value.findings] == ["options.time_limit_seconds"]


def test_findings_beyond_what_metadata_carries_are_counted(
    client: Client, small: problem_pb2.Problem
) -> None:
    for number in range(2000):
        small.theaters.add(theater_id=f"THEATER_{number % 1000}", name="x" * 500)
    with pytest.raises(BadProblemError, match=r"\d+ findings, the first \d+ in the details") as raised:
        client.solve(small, timeout=30)
    assert len(client.validate(small).findings) >= 100 > len(raised.value.findings) > 0


def test_too_large_a_model_is_refused_before_it_is_built(small: problem_pb2.Problem) -> None:
    with serving(Limits(memory_bytes=300_000_000)) as running, Client(running.address) as client:
        with pytest.raises(BadProblemError, match=r"the limit is 0\.3 GB") as raised:
            client.solve(small)
        assert [finding.code for finding in raised.value.findings] == ["MODEL_TOO_LARGE"]
        assert [finding.code for finding in client.validate(small).findings] == ["MODEL_TOO_LARGE"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\xff\xff\xff",
        b"\x0a\x05ab",
        b"\x0a\x7f",
        b"\x0a\x06\x12\x04\x0a\x02\xff\xfe",
        os.urandom(4096) + b"\xff\xff",
    ],
    ids=["garbage", "truncated", "short", "bad text", "random"],
)
def test_bytes_that_are_no_message_are_refused(served: Served, method: str, request_bytes: bytes) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        raw_call(served.address, method, request_bytes)
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert details_of(raised.value, error_details_pb2.ErrorInfo).reason == "MESSAGE_MALFORMED"
    assert "Error parsing" not in str(raised.value)


@pytest.mark.parametrize("method", ["Check", "Watch"])
def test_health_refuses_garbage_without_telling_why(served: Served, method: str) -> None:
    with grpc.insecure_channel(served.address) as channel:
        call: Any = channel.unary_stream(f"/grpc.health.v1.Health/{method}")
        with pytest.raises(grpc.RpcError) as raised:
            list(call(b"\xff\xff", timeout=10))
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "Error parsing" not in str(raised.value)


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_messages_over_the_limit_are_refused(compression: grpc.Compression) -> None:
    with serving(Limits(message_bytes=100_000)) as running:
        with pytest.raises(grpc.RpcError) as raised:
            raw_call(running.address, "ValidateProblem", b"\0" * 1_000_000, compression=compression)
        assert raised.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_answer_over_the_limit_is_refused(small: problem_pb2.Problem) -> None:
    for number in range(100):
        small.sites.add(site_id=f"SITE_{number}", capacity_persons=float("nan"), latitude_degrees=1e9)
    limits = Limits(message_bytes=small.ByteSize() + 1000)
    with (
        serving(limits) as running,
        Client(running.address) as client,
        pytest.raises(LimitExceededError, match="more than the limit"),
    ):
        client.validate(small)


def test_client_limits_messages_too(served: Served, small: problem_pb2.Problem) -> None:
    with Client(served.address, message_bytes=1000) as client, pytest.raises(LimitExceededError):
        client.validate(small)
