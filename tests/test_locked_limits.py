"""A limit of a group of sites that a locked lever keeps from ever holding is a warning."""

from typing import Any

import pytest
from small_problem import rows, small_problem

from optimizer.checks import check, warnings

_COLUMNS = "site_group_id actor_id year maximum_persons maximum_withdrawal_persons_per_yr"


def paths(*limits: str, lever: str = "") -> list[tuple[str, str]]:
    """Path and message of each warning about limits; the plan runs from 2026 to 2028."""
    levers: list[dict[str, Any]] = rows("lever lever_key first_year", lever) if lever else []
    problem = small_problem(site_group_limits=rows(_COLUMNS, *limits), freed_levers=levers)
    assert check(problem) == []
    found = warnings(problem)
    assert {(finding.code, finding.severity) for finding in found} <= {("LIMIT_IGNORED", "warning")}
    return [(finding.path, finding.message) for finding in found]


def test_a_limit_that_never_holds_is_a_warning_that_says_what_holds() -> None:
    ((path, message),) = paths("POL USA 2025 30000 -", "POL USA 2027 20000 -", "POL USA 2028 10000 -")
    assert path == "site_group_limits[POL/USA/2027].maximum_persons"
    assert message.endswith("so this limit is ignored: that of 2025 holds in every year")
    ((path, message),) = paths("POL USA 2026 - 5000")
    assert path == "site_group_limits[POL/USA/2026].maximum_withdrawal_persons_per_yr"
    assert message.endswith("so this limit is ignored: there is none today")


def test_each_group_and_actor_is_named_once() -> None:
    found = paths(
        "EST USA 2027 20000 -",
        "POL FOREIGN 2026 20000 -",
        "POL FOREIGN 2027 10000 1000",
        "POL USA 2025 30000 -",
    )
    assert [path for path, _ in found] == [
        "site_group_limits[EST/USA/2027].maximum_persons",
        "site_group_limits[POL/FOREIGN/2026].maximum_persons",
    ]


@pytest.mark.parametrize(
    ("limit", "lever"),
    [
        ("POL USA 2027 20000 -", "CEILING POL -"),
        ("POL USA 2027 20000 -", "CEILING POL 2028"),
        ("POL USA 2027 30000 -", ""),
        ("POL USA 2029 20000 -", ""),
    ],
    ids=["the lever is freed", "the lever is freed later", "it is as today", "the plan is over by then"],
)
def test_other_limits_are_no_warning(limit: str, lever: str) -> None:
    assert paths("POL USA 2025 30000 5000", limit, lever=lever) == []


def test_a_lever_freed_after_the_plan_is_locked() -> None:
    assert len(paths("POL USA 2025 30000 -", "POL USA 2027 20000 -", lever="CEILING POL 2029")) == 1
