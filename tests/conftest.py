"""Options of the tests, and what many of them need."""

import pytest
from small_problem import small_problem

from forceposture.v1 import problem_pb2
from optimizer.tables.problem import message_from_problem

pytest.register_assert_rewrite("programs", "random_problems", "tiny_cases")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write the golden files anew instead of comparing")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are written anew."""
    return bool(request.config.getoption("--accept"))


@pytest.fixture
def small() -> problem_pb2.Problem:
    """The small problem as a message."""
    return message_from_problem(small_problem())
