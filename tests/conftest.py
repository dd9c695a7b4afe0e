"""Options of the tests."""

import pytest

pytest.register_assert_rewrite("programs", "random_problems", "tiny_cases")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write the golden files anew instead of comparing")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are written anew."""
    return bool(request.config.getoption("--accept"))
