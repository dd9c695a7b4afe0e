from itertools import pairwise

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from small_problem import rows, small_problem

from optimizer.tables.site_groups import cycles, members


def sites_of(frame: pd.DataFrame, group: str) -> list[str]:
    return frame.loc[frame["site_group_id"] == group, "site_id"].tolist()


def test_sites_hosts_and_theaters_are_groups() -> None:
    frame = members(small_problem())
    assert sites_of(frame, "EST_TAPA") == ["EST_TAPA"]
    assert sites_of(frame, "POL") == ["POL_ORZYSZ", "POL_POWIDZ"]
    assert sites_of(frame, "SUWALKI") == ["POL_ORZYSZ"]
    assert sites_of(frame, "USA") == []


def test_groups_hold_what_their_members_hold() -> None:
    frame = members(small_problem())
    assert sites_of(frame, "BALTIC_STATES") == ["EST_TAPA"]
    assert sites_of(frame, "EASTERN_FLANK") == ["EST_TAPA", "POL_ORZYSZ", "POL_POWIDZ"]
    assert not frame.duplicated().any()


def test_a_theater_can_be_a_member() -> None:
    problem = small_problem(
        site_group_members=rows("site_group_id member_id", "BALTIC_STATES BALTIC", "EASTERN_FLANK SUWALKI")
    )
    assert sites_of(members(problem), "BALTIC_STATES") == ["EST_TAPA"]
    assert sites_of(members(problem), "EASTERN_FLANK") == ["POL_ORZYSZ"]


def test_cycles_end_and_are_named() -> None:
    problem = small_problem(
        site_group_members=rows(
            "site_group_id member_id",
            "BALTIC_STATES EASTERN_FLANK",
            "BALTIC_STATES EST_TAPA",
            "EASTERN_FLANK BALTIC_STATES",
            "EASTERN_FLANK POL_POWIDZ",
        )
    )
    frame = members(problem)
    assert sites_of(frame, "BALTIC_STATES") == sites_of(frame, "EASTERN_FLANK") == ["EST_TAPA", "POL_POWIDZ"]
    assert cycles(problem) == [["BALTIC_STATES", "EASTERN_FLANK", "BALTIC_STATES"]]
    assert cycles(small_problem()) == []


_GROUPS = ["BALTIC_STATES", "EASTERN_FLANK", "A", "B", "C"]


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.tuples(st.sampled_from(_GROUPS), st.sampled_from([*_GROUPS, "EST_TAPA", "POL"])), min_size=1)
)
def test_cycles_are_found_exactly_where_a_group_reaches_itself(pairs: set[tuple[str, str]]) -> None:
    problem = small_problem(
        site_groups=rows("site_group_id", *_GROUPS),
        site_group_members=[{"site_group_id": group, "member_id": member} for group, member in pairs],
        garrisons=None,
        garrison_actors=None,
        garrison_unit_types=None,
        freed_levers=None,
    )
    reached = set(pairs)
    while grown := {(a, d) for a, b in reached for c, d in reached if b == c} - reached:
        reached |= grown
    looping = {group for group in _GROUPS if (group, group) in reached}
    found = cycles(problem)
    assert bool(found) == bool(looping)
    assert {group for cycle in found for group in cycle} <= looping
    assert all((a, b) in pairs for cycle in found for a, b in pairwise(cycle))
    frame = members(problem)
    for group in _GROUPS:
        holds = set(sites_of(frame, group))
        assert ("EST_TAPA" in holds) == ((group, "EST_TAPA") in reached)
        assert ("POL_POWIDZ" in holds) == ((group, "POL") in reached)
