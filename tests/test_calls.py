"""Small problems are read, checked and built in few calls of functions, which are as many on every machine."""

import cProfile
from collections.abc import Callable
from typing import Any

from optimizer.cases.read import read_case
from optimizer.checks import check
from optimizer.checks.admission import checked_index
from optimizer.solver.compilation import compile_matrix
from optimizer.tables.defaults import complete


def calls(step: Callable[[], Any]) -> int:
    """How many functions the second run of a step calls."""
    step()
    profiler = cProfile.Profile()
    profiler.runcall(step)
    return sum(entry.callcount for entry in profiler.getstats())


def test_the_worked_example_is_read_and_checked_in_few_calls() -> None:
    problem = read_case("hand")
    assert calls(lambda: read_case("hand")) < 60_000
    assert calls(lambda: check(read_case("hand"))) < 120_000
    assert calls(lambda: complete(problem)) < 25_000


def test_the_worked_example_is_built_in_few_calls() -> None:
    problem = read_case("hand")
    assert calls(lambda: checked_index(problem)) < 300_000
    assert calls(lambda: compile_matrix(checked_index(problem))) < 660_000
