"""What the summary says of a plan that is not settled."""

from dataclasses import replace
from io import StringIO

import hand_cases
import pytest
from rich.console import Console

from forceposture.summary import summary
from optimizer.run import solve
from optimizer.solve_settings import SolveSettings


@pytest.mark.parametrize(("tie_break", "is_told"), [("DONE", False), ("SKIPPED", True)])
def test_it_says_when_ties_were_left(tie_break: str, is_told: bool) -> None:
    problem = hand_cases.problem_of(hand_cases.hand_tables())
    solution = solve(problem, SolveSettings())
    assert solution.outcome["tie_break"] == "DONE"
    shown = replace(solution, outcome={**solution.outcome, "tie_break": tie_break})
    page = StringIO()
    Console(file=page, width=200).print(*summary(problem, shown), sep="\n")
    assert ("Time ran out before the cheapest to all" in page.getvalue()) == is_told
