"""The recipe for a method of the service in CONTRIBUTING.md, followed word for word in a copy of the project."""

import shutil
import subprocess
import sys
from pathlib import Path

from served import COMMAND, address_of, process

from forceposture.v1 import service_pb2
from server.engine.tasks import METHODS

ROOT = Path(__file__).resolve().parent.parent

RPC = """
  // Says how many theaters a problem has.
  rpc CountTheaters(CountTheatersRequest) returns (CountTheatersResponse);
"""
MESSAGES = """
// A problem whose theaters are counted.
message CountTheatersRequest {
  // The problem.
  Problem problem = 1;
}

// The answer.
message CountTheatersResponse {
  // Theaters.
  optional int32 theater_count = 1;
}
"""
FUNCTION = '''
def count_theaters(
    request: service_pb2.CountTheatersRequest, limits: Limits, allow: Allow
) -> service_pb2.CountTheatersResponse:
    """Answers CountTheaters."""
    from optimizer.tables.problem import problem_from_message

    problem = problem_from_message(request.problem)
    return service_pb2.CountTheatersResponse(theater_count=len(problem["theaters"]))


'''
RECORD = '    "CountTheaters": Task(count_theaters, service_pb2.CountTheatersRequest, "validation_count"),\n'
CLIENT = '''
    def count_theaters(self, problem: problem_pb2.Problem, timeout: float = EXTRA_SECONDS) -> int:
        """Says how many theaters a problem has; a second try is safe."""
        request = service_pb2.CountTheatersRequest(problem=problem)
        return _tried(
            lambda seconds: self._stub.CountTheaters(request, timeout=seconds), timeout
        ).theater_count

'''
CALL = """
import sys
from forceposture.client import Client
from optimizer.cases.read import read_case
from optimizer.tables.problem import message_from_problem

with Client(sys.argv[1]) as client:
    print(client.count_theaters(message_from_problem(read_case(sys.argv[2]))))
"""


def insert(path: Path, before: str, text: str) -> None:
    whole = path.read_text(encoding="utf-8")
    assert whole.count(before) == 1
    path.write_text(whole.replace(before, text + before), encoding="utf-8")


def test_every_method_of_the_protos_has_its_record() -> None:
    methods = service_pb2.DESCRIPTOR.services_by_name["PostureService"].methods
    assert {method.name: method.input_type.full_name for method in methods} == {
        name: task.request_type.DESCRIPTOR.full_name for name, task in METHODS.items()
    }


def test_following_the_recipe_works(tmp_path: Path) -> None:
    for folder in ("protos", "forceposture", "optimizer", "server", "data"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    proto = tmp_path / "protos" / "forceposture" / "v1" / "service.proto"
    insert(proto, "}\n\n// A problem to check.", RPC)
    insert(proto, "\n// A problem to check.", MESSAGES)
    subprocess.run(
        [sys.executable, "protos/generate.py"], cwd=tmp_path, check=True, capture_output=True, timeout=120
    )
    tasks = tmp_path / "server" / "engine" / "tasks.py"
    insert(tasks, "METHODS: dict[str, Task[Any]] = {\n", FUNCTION)
    insert(tasks, '}\n"""By method of the service', RECORD)
    insert(tmp_path / "forceposture" / "client.py", "    def solve(\n", CLIENT.lstrip("\n"))
    with process(COMMAND, "--port", "0", root=tmp_path) as server:
        address = address_of(server)
        with process(CALL, address, str(ROOT / "data" / "hand"), root=tmp_path) as calling:
            answer, complaints = calling.communicate(timeout=120)
    assert (answer, complaints) == ("2\n", "")
