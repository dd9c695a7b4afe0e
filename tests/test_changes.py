"""Changes as data: how they are written, which cells they choose, what they give together, and what is refused."""

import itertools
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hand_cases import hand_tables, problem_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_problems import problem_of as random_problem_of
from random_problems import random_tables
from small_problem import rows, small_problem
from tiny_cases import THOROUGH

from optimizer.cases.read import read_case
from optimizer.changes.applied import with_changes
from optimizer.changes.change import (
    Change,
    Operation,
    cell_text,
    change_of_message,
    message_of_change,
    word,
)
from optimizer.changes.expressions import change_of_text
from optimizer.changes.years import by_group
from optimizer.errors import Finding, ProblemError
from optimizer.tables.by_year import CARRIED_BY_CELL, CARRIED_BY_ROW
from optimizer.tables.problem import Problem, canonical_lines, filled_rows
from optimizer.tables.schema import PROBLEM_TABLES

ADDED = "add interests[B/GROUND]: interest_usd_m_per_point_yr=1"


def made(problem: Problem, *lines: str) -> Problem:
    return with_changes(problem, [change_of_text(line, f"line {n}") for n, line in enumerate(lines, 1)])


def of_b(years: str, what: str) -> str:
    """A change of the need of the theater B in some years."""
    return f"requirements[theater=B, year={years}].required_points {what}"


def refused(problem: Problem, *lines: str) -> list[Finding]:
    with pytest.raises(ProblemError) as caught:
        made(problem, *lines)
    return list(caught.value.findings)


def cells(problem: Problem, table: str, column: str) -> list[Any]:
    return [row.get(column) for row in filled_rows(problem, table)]


def hand(year_count: int = 1, **tables: Any) -> Problem:
    given = {**hand_tables(), **tables}
    given["settings"] = [{**given["settings"][0], "year_count": year_count}]
    return problem_of(given)


# What is written.

LINES = [
    "requirements[theater=BALTIC].required_points *= 1.2",
    "requirements[theater=B|K, phase!=D0, year=2028..].required_points /= 3",
    "settings.title = A title, with a comma",
    'settings.title = " blank before"',
    'sites["A B"/x].capacity_persons += 5',
    "actor_years[EUR/2025].spending_ceiling_fraction = (empty)",
    "stationed_today[site.staging_area.theater=K].stationed_count -= 1",
    'add interests[B/GROUND]: interest_usd_m_per_point_yr=0, note="a, b"',
    "delete interests[B/*]",
    "actors.quality_factor = 1",
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_read_as_it_is_shown(line: str) -> None:
    change = change_of_text(line)
    assert str(change) == line
    assert change_of_text(str(change)) == change
    assert change_of_message(message_of_change(change)) == change


UNREADABLE = [
    ("", 1),
    ("requirements", 13),
    ("requirements[theater=].required_points=1", 22),
    ("requirements[theater].x", 24),
    ("requirements[theater=B, ].required_points=1", 25),
    ("requirements[theater=B required_points=1", 41),
    ("requirements[].required_points=1", 14),
    ("requirements[theater=B].required_points", 40),
    ("requirements[theater=B].required_points=", 41),
    ("requirements[theater=B].required_points~1", 40),
    ("requirements[theater=B C].required_points=1", 24),
    ('requirements[theater="B].required_points=1', 43),
    ("requirements[=B].required_points=1", 14),
    ("delete interests[B/GROUND].x=1", 27),
    ("add interests[B/GROUND] x=1", 25),
]


@pytest.mark.parametrize(("line", "place"), UNREADABLE)
def test_what_cannot_be_read_is_told_by_its_character(line: str, place: int) -> None:
    with pytest.raises(ProblemError) as caught:
        change_of_text(line, "line 1")
    (finding,) = caught.value.findings
    assert finding.code == "CHANGE_UNREADABLE"
    assert finding.message.startswith("line 1: ")
    assert finding.message.endswith(f"at character {place}")


# Which cells are chosen.


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("theater=B", {"B_SITE"}),
        ("staging_area.theater=B", {"B_SITE"}),
        ("host=ROK", {"K_SITE"}),
        ("group=EUR", {"B_SITE"}),
        ("group!=EUR", {"K_SITE"}),
        ("B*", {"B_SITE"}),
        ("site_id=B_SITE|K_SITE", {"B_SITE", "K_SITE"}),
        ("*", {"B_SITE", "K_SITE"}),
        ("theater!=B", {"K_SITE"}),
        ('site="K_SITE"', {"K_SITE"}),
        ("capacity_persons=(empty)", {"B_SITE", "K_SITE"}),
        ("host.name=*allies", {"B_SITE"}),
    ],
)
def test_rows_are_chosen_by_key_and_by_what_they_refer_to(selector: str, chosen: set[str]) -> None:
    problem = made(hand(), f"sites[{selector}].capacity_persons = 7")
    found = {row["site_id"] for row in filled_rows(problem, "sites") if row.get("capacity_persons") == 7}
    assert found == chosen


def test_numbers_are_calculated_as_they_are_written() -> None:
    """7 * 1.2 is 8.4, and not 8.399999999999999; a third of three times is the same again."""
    problem = hand()
    assert cells(made(problem, "requirements.required_points *= 1.2"), "requirements", "required_points") == [
        8.4,
        7.2,
    ]
    same = made(problem, "requirements.required_points *= 3", "requirements.required_points /= 3")
    assert same.digest == problem.digest
    column = "floor_spending_usd_m_per_yr"
    summed = made(problem, f"actor_years.{column} += 0.1", f"actor_years.{column} += 0.2")
    assert cells(summed, "actor_years", column) == [0.3, 0.3, None]


def test_an_empty_cell_is_calculated_with_as_its_default() -> None:
    assert cells(made(hand(), "actors[ROK].quality_factor *= 1.1"), "actors", "quality_factor")[1] == 1.1
    (finding,) = refused(hand(), "sites.capacity_persons *= 2")
    assert (finding.code, finding.path) == ("CHANGE_POINTLESS", "sites.capacity_persons")


def test_shares_may_be_written_in_percent() -> None:
    problem = made(hand(), "actor_years[EUR/2025].spending_ceiling_fraction = 3.5%")
    assert cells(problem, "actor_years", "spending_ceiling_fraction")[0] == 0.035


def test_settings_rows_and_cells_may_go_and_come() -> None:
    problem = made(
        hand(),
        "settings.break_even_ratio = (empty)",
        "add interests[B/GROUND]: interest_usd_m_per_point_yr=4000",
        "delete responses[EUR/B]",
    )
    assert problem.settings["break_even_ratio"] is None
    assert filled_rows(problem, "interests")[0]["interest_usd_m_per_point_yr"] == 4000
    assert cells(problem, "responses", "actor_id") == ["ROK"]
    assert problem.digest != hand().digest
    assert made(hand()).digest == hand().digest


BAD = [
    ("requirement.required_points = 1", "TABLE_UNKNOWN", "Did you mean requirements?"),
    ("requirements.required_point = 1", "COLUMN_UNKNOWN", "Did you mean required_points?"),
    ("requirements[theatre=B].required_points = 1", "COLUMN_UNKNOWN", "Did you mean theater?"),
    ("sites[host=EUK].capacity_persons = 1", "CHANGE_POINTLESS", "Did you mean EUR?"),
    ("sites[host=EUR|EUK].capacity_persons = 1", "CHANGE_POINTLESS", "Did you mean EUR?"),
    ("sites[host=EUR, theater=K].capacity_persons = 1", "CHANGE_POINTLESS", "Ask for less, or add a row."),
    ("settings[first_year=2030].win_ratio = 2", "CHANGE_POINTLESS", "Ask for less, or add a row."),
    ("sites[B_SITE/USA].capacity_persons = 1", "CHANGE_UNREADABLE", "Write site_id, or conditions."),
    ("sites[B_SITE].capacity_persons = many", "VALUE_TYPE", "Write a number, such as 12."),
    ("sites[B_SITE].capacity_persons = -1", "VALUE_RANGE", "Give a value inside the range."),
    ("sites[B_SITE].accepts_land *= 2", "VALUE_TYPE", "Set it with =."),
    ("requirements.required_points /= 0", "VALUE_TYPE", "Write a number, such as 1.2."),
    ("requirements.required_points *= 1e9", "VALUE_RANGE", "Give a value inside the range."),
    ("settings.year_count *= 1.5", "VALUE_TYPE", "Write a whole number, such as 12."),
    ("sites[B_SITE].site_id = X", "CHANGE_UNREADABLE", "Add a row of the new key, and delete this one."),
    ("sites[B_SITE].host_actor_id = EUK", "REFERENCE_UNKNOWN", "Did you mean EUR?"),
    ("sites[B_SITE].host_actor_id = (empty)", "VALUE_MISSING", "Fill it."),
    ("billing[theater=B].floor_usd_m_per_person_yr = 1", "CHANGE_UNREADABLE", "Write the one that is meant."),
    ("add interests[B]: interest_usd_m_per_point_yr=1", "CHANGE_UNREADABLE", None),
    ("add interests[B/GROUND]: interest_usd_m=1", "COLUMN_UNKNOWN", None),
    ("add interests[B/GROUND]: interest", "CHANGE_UNREADABLE", "Write column=value, column=value."),
    ("add responses[USA/B]", "VALUE_MISSING", "Fill it."),
    ("add sites[B_SITE]: host_actor_id=ROK", "KEY_DUPLICATE", "Set its cells instead."),
    ("delete sites", "CHANGE_UNREADABLE", "Write delete TABLE[KEY], without a column or a value."),
    ("delete theaters[B]", "REFERENCE_UNKNOWN", None),
]  # fmt: skip


@pytest.mark.parametrize(("line", "code", "fix"), BAD)
def test_what_cannot_be_done_is_told_with_what_to_do(line: str, code: str, fix: str | None) -> None:
    findings = refused(hand(), line)
    assert {finding.code for finding in findings} == {code}
    assert fix is None or findings[0].fix == fix
    assert all("line 1" in finding.message for finding in findings)
    assert all(finding.fix.endswith((".", "?")) or finding.fix.startswith("Known: ") for finding in findings)


def test_everything_wrong_is_told_at_once() -> None:
    findings = refused(
        hand(), "requirement.x = 1", "sites[B_SITE].capacity_persons = many", "sites.capacity = 1"
    )
    assert [finding.code for finding in findings] == ["TABLE_UNKNOWN", "VALUE_TYPE", "COLUMN_UNKNOWN"]


# What holds until the next year that has a row.


def needs(problem: Problem, theater: str = "B") -> dict[int, float]:
    """The need of a theater in each year that has a row."""
    found = [row for row in filled_rows(problem, "requirements") if row["theater_id"] == theater]
    return {row["year"]: row["required_points"] for row in found}


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ("year=2028", {2026: 7, 2028: 14, 2029: 7}),
        ("year=2028..", {2026: 7, 2028: 14}),
        ("year=2030", {2026: 7, 2030: 14}),
        ("year=..2027", {2026: 14, 2028: 7}),
        ("year=2027..2028", {2026: 7, 2027: 14, 2029: 7}),
        ("year=2027|2029", {2026: 7, 2027: 14, 2028: 7, 2029: 14, 2030: 7}),
        ("year!=2028", {2026: 14, 2028: 7, 2029: 14}),
        ("year=*", {2026: 14}),
    ],
)
def test_a_year_changes_and_those_beside_it_stay(years: str, expected: dict[int, float]) -> None:
    problem = made(hand(year_count=5), f"requirements[theater=B, {years}].required_points *= 2")
    assert needs(problem) == expected
    assert needs(problem, "K") == {2026: 6}


def test_a_key_names_a_row_as_it_stands_which_holds_until_the_next() -> None:
    assert needs(made(hand(5), "requirements[B/BK/D30/GROUND/2026].required_points = 8")) == {2026: 8}


def test_a_new_row_of_a_year_keeps_what_else_held() -> None:
    given = [{**row, "maximum_lead_fraction": 0.5} for row in hand_tables()["requirements"]]
    problem = made(hand(5, requirements=given), of_b("2028", "= 9"))
    assert [row["maximum_lead_fraction"] for row in filled_rows(problem, "requirements")] == [0.5] * 4


def ceilings(problem: Problem) -> dict[int, float | None]:
    found = [row for row in filled_rows(problem, "actor_years") if row["actor_id"] == "EUR"]
    return {row["year"]: row.get("spending_ceiling_fraction") for row in found}


def test_cells_that_carry_forward_one_by_one_are_put_where_they_are_needed() -> None:
    """In 2027 a row gives the GDP alone, and the ceiling of 2025 holds on."""
    years = rows(
        "actor_id year gdp_usd_m spending_ceiling_fraction",
        "EUR 2025 1000 0.02",
        "EUR 2027 1100 -",
        "ROK 2025 9 -",
    )
    problem = hand(5, actor_years=[*years, *rows("actor_id year", "USA 2025")])
    one = made(
        problem, "actor_years[EUR, year=2026].spending_ceiling_fraction = 0.03".replace("EUR", "actor=EUR")
    )
    assert ceilings(one) == {2025: 0.02, 2026: 0.03, 2027: 0.02}
    later = made(problem, "actor_years[actor=EUR, year=2028..].spending_ceiling_fraction *= 2")
    assert ceilings(later) == {2025: 0.02, 2027: None, 2028: 0.04}
    assert [row.get("gdp_usd_m") for row in filled_rows(later, "actor_years")] == [1000, 1100, None, 9, None]
    everywhere = made(problem, "actor_years[actor=EUR].spending_ceiling_fraction = 0.03")
    assert ceilings(everywhere) == {2025: 0.03, 2027: None}


def test_what_a_table_cannot_say_is_refused() -> None:
    """No ceiling before 2028: one for 2028 alone would have to end, and an empty cell carries it on."""
    problem = hand(5)
    (finding,) = refused(problem, "actor_years[actor=EUR, year=2028].spending_ceiling_fraction = 0.03")
    assert finding.code == "CHANGE_POINTLESS"
    assert "from 2029" in finding.message
    assert (
        ceilings(made(problem, "actor_years[actor=EUR, year=2028..].spending_ceiling_fraction = 0.03"))[2028]
        == 0.03
    )


def test_years_inside_a_period_and_beyond_the_plan_change_nothing() -> None:
    periods = rows("year", "2026", "2028", "2030")
    problem = hand(5, periods=periods)
    for year in (2027, 2031):
        (finding,) = refused(problem, of_b(str(year), "*= 2"))
        assert (finding.code, finding.fix) == ("CHANGE_POINTLESS", "The plan has 2025, 2026, 2028, 2030.")
    assert needs(made(problem, of_b("2028", "*= 2"))) == {
        2026: 7,
        2028: 14,
        2029: 7,
    }


# What changes give together.

CONFLICTS = [
    ("sites[B_SITE].capacity_persons = 1", "sites[theater=B].capacity_persons = 2"),
    ("requirements.required_points = 8", "requirements[theater=B].required_points *= 2"),
    ("requirements.required_points += 8", "requirements[theater=B].required_points *= 2"),
    (ADDED, ADDED.replace("=1", "=2")),
    (ADDED, "delete interests[B/GROUND]"),
    ("delete responses[EUR/B]", "responses[EUR/B].response_usd_m_per_point_yr = 1"),
    ("add responses[USA/B]: response_usd_m_per_point_yr=1", "responses[theater=B].response_usd_m_per_point_yr *= 2"),
    ("sites[B_SITE].host_actor_id = ROK", "sites[host=EUR].capacity_persons = 2"),
    ("add site_group_members[G/B_SITE]", "sites[group=B].capacity_persons = 2"),
    ("staging_areas.theater_id = B", "sites[theater=K].capacity_persons = 2"),
    ("requirements[B/BK/D30/GROUND/2026].required_points = 8", of_b("2028", "*= 2")),
    ("add requirements[B/BK/D30/GROUND/2027]: required_points=8", of_b("2029..", "*= 2")),
    ("add requirements[B/BK/D30/GROUND/2029]: required_points=8", of_b("2028", "*= 2")),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), CONFLICTS)
def test_changes_that_contradict_each_other_are_both_named(one: str, other: str) -> None:
    problem = hand(5, site_groups=rows("site_group_id", "G"))
    for lines in ((one, other), (other, one)):
        findings = refused(problem, *lines)
        conflicts = [finding for finding in findings if finding.code == "CHANGE_CONFLICT"]
        assert conflicts, findings
        assert all("line 1" in each.message and "line 2" in each.message for each in conflicts)


TOGETHER = [
    ("sites[B_SITE].capacity_persons = 2", "sites[theater=B].capacity_persons = 2.0"),
    ("requirements.required_points *= 2", of_b("2028", "*= 3")),
    ("requirements.required_points /= 2", "requirements[theater=B].required_points *= 3"),
    (ADDED, f"{ADDED}.0"),
    ("delete responses[EUR/B]", "responses.response_usd_m_per_point_yr = 1"),
    (of_b("2027..", "*= 2"), of_b("2028", "*= 3")),
    ("requirements[theater=B, year=2028].maximum_lead_fraction = 0.5", of_b("2029..", "*= 3")),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_changes_that_do_not_are_made_together(one: str, other: str) -> None:
    problem = hand(5)
    together = meaning(made(problem, one, other))
    assert meaning(made(problem, other, one)) == together
    assert meaning(made(made(problem, one), other)) == together
    assert meaning(made(made(problem, other), one)) == together


def meaning(problem: Problem) -> dict[Any, dict[str, Any]]:
    """By table and key the cells of each row; of what holds until the next year, by each year that is planned."""
    found: dict[Any, dict[str, Any]] = {}
    years = range(problem.today, problem.years[-1] + 1)
    for name, table in PROBLEM_TABLES.items():
        keyed = {tuple(row[part] for part in table.key): row for row in filled_rows(problem, name)}
        if name not in CARRIED_BY_ROW | CARRIED_BY_CELL:
            found |= {(name, key): row for key, row in keyed.items()}
            continue
        at = table.key.index("year")
        for group, given_years in by_group(keyed, at).items():
            held: dict[str, Any] = {}
            for year in years:
                for key in given_years:
                    if key[at] <= year:
                        row = {column: cell for column, cell in keyed[key].items() if column != "year"}
                        held = row if name in CARRIED_BY_ROW else {**held, **row}
                if any(key[at] <= year for key in given_years):
                    found[name, group, year] = dict(held)
                held = {}
    return found


def is_close(one: Any, other: Any) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-12)
    return bool(one == other)


def assert_same_meaning(one: Problem, other: Problem) -> None:
    ours, theirs = meaning(one), meaning(other)
    assert ours.keys() == theirs.keys()
    for key, row in ours.items():
        assert row.keys() == theirs[key].keys(), key
        assert all(is_close(cell, theirs[key][column]) for column, cell in row.items()), key


def random_change(problem: Problem, draw: random.Random) -> Change:
    """A change of a random table, by a key or a part of it, or by a column or attribute."""
    names = [
        name
        for name in PROBLEM_TABLES
        if len(problem[name]) and PROBLEM_TABLES[name].key and name != "sources"
    ]
    by_year = [name for name in names if name in CARRIED_BY_ROW | CARRIED_BY_CELL]
    name = draw.choice(by_year if by_year and draw.random() < 0.6 else names)
    table = PROBLEM_TABLES[name]
    row = draw.choice(filled_rows(problem, name))
    parts = ["*" if draw.random() < 0.4 else word(cell_text(row[part])) for part in table.key]
    selector = "/".join(parts)
    if draw.random() < 0.6:
        conditions = [
            f"{part}={pattern}" for part, pattern in zip(table.key, parts, strict=True) if part != "year"
        ]
        first, last = problem.today, problem.years[-1]
        if "year" in table.key and draw.random() < 0.8:
            year = draw.randint(first, last)
            conditions.append(
                draw.choice([f"year={year}", f"year={year}..", f"year=..{year}", f"year!={year}"])
            )
        selector = ", ".join(conditions)
    numbers = [column for column in table.columns if column.type == "number" and not column.is_key]
    kind = draw.random()
    if kind < 0.1:
        return Change(name, Operation.DELETE_ROW, selector)
    if kind < 0.2 and "year" in table.key:
        own = {**row, "year": draw.randint(problem.today, problem.years[-1])}
        key = "/".join(word(cell_text(own[part])) for part in table.key)
        given_cells = ", ".join(f"{c}={word(cell_text(own[c]))}" for c in own if c not in table.key)
        return Change(name, Operation.ADD_ROW, key, "", given_cells)
    if not numbers:
        return Change(name, Operation.DELETE_ROW, selector)
    column = draw.choice(numbers)
    if draw.random() < 0.4:
        return Change(name, Operation.SET, selector, column.name, draw.choice(["0.5", "0.25"]))
    operation = draw.choice([Operation.MULTIPLY, Operation.DIVIDE, Operation.ADD])
    return Change(name, operation, selector, column.name, draw.choice(["1.25", "1.5", "1"]))


def accepted(problem: Problem, changes: Sequence[Change]) -> Problem | None:
    try:
        return with_changes(problem, changes)
    except ProblemError:
        return None


@given(st.integers(0, 400), st.integers(0, 10**9), st.integers(2, 3))
@settings(max_examples=25 * THOROUGH, deadline=None)
def test_what_is_accepted_together_is_the_same_one_by_one_in_every_order(
    seed: int, other: int, count: int
) -> None:
    problem = random_problem_of(random_tables(seed))
    draw = random.Random(other)
    changes: list[Change] = []
    while len(changes) < count:
        change = random_change(problem, draw)
        is_going = change.operation is Operation.DELETE_ROW
        # Of two that take the same row away the second finds nothing, which is no contradiction.
        if is_going and any(each.table_name == change.table_name for each in changes):
            continue
        if any(
            each.operation is Operation.DELETE_ROW and each.table_name == change.table_name
            for each in changes
        ):
            continue
        if accepted(problem, [change]) is not None:
            changes.append(change)
        elif draw.random() < 0.02:
            break
    assume(len(changes) == count)
    together = accepted(problem, changes)
    assume(together is not None)
    assert together is not None
    for order in itertools.permutations(changes):
        step: Problem | None = problem
        for change in order:
            assert step is not None
            step = with_changes(step, [change])
        assert step is not None
        assert_same_meaning(step, together)


def test_shipped_alternatives_combine_whatever_their_order_or_clash_by_name() -> None:
    """Both free the command in Korea, one from 2028 and one from 2029."""
    one, other = (
        read_case("essay", "seoul_command", "billing"),
        read_case("essay", "billing", "seoul_command"),
    )
    assert canonical_lines(one) == canonical_lines(other)
    assert one.settings["title"] == " + ".join(
        read_case("essay", name).settings["title"] for name in ("billing", "seoul_command")
    )
    with pytest.raises(ProblemError) as caught:
        read_case("essay", "seoul_command", "handover")
    assert {finding.code for finding in caught.value.findings} == {"CHANGE_CONFLICT"}
    message = caught.value.findings[0].message
    assert "alternatives/handover/freed_levers.csv" in message
    assert "alternatives/seoul_command/freed_levers.csv" in message
    assert "WARTIME_COMMAND_KOREA" in message


def test_which_tables_carry_forward_is_as_their_messages_say() -> None:
    text = (Path(__file__).resolve().parent.parent / "protos/forceposture/v1/problem.proto").read_text(
        "utf-8"
    )
    by_cell: set[str] = set()
    by_row: set[str] = set()
    for name, table in PROBLEM_TABLES.items():
        before = (
            text[: text.index(f"\nmessage {table.row.name} {{")].rpartition("}\n")[2].replace("\n// ", " ")
        )
        if "takes the last earlier" in before:
            (by_cell if "value" in before.split("takes the last earlier")[1][:8] else by_row).add(name)
    assert by_cell == CARRIED_BY_CELL
    assert by_row == CARRIED_BY_ROW


def test_a_small_problem_that_uses_every_table_takes_changes_in_each() -> None:
    problem = small_problem()
    lines = [
        f"{name}.{column.name} *= 1"
        for name, table in PROBLEM_TABLES.items()
        for column in table.columns
        if column.type == "number" and not column.is_key
        if len(problem[name]) and all(column.name in row for row in filled_rows(problem, name))
    ]
    assert len(lines) > 30
    assert made(problem, *lines).digest == problem.digest
