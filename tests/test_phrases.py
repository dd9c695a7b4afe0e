"""Phrases: the plain changes that each is, what the optimum makes of them, and what is said of wrong ones."""

import re
from pathlib import Path

import pytest
from hand_cases import hand_tables, problem_of

from optimizer.cases.read import read_case
from optimizer.changes.applied import with_changes
from optimizer.changes.lines import changes_of_line
from optimizer.changes.phrases import PHRASES, VERBS
from optimizer.checks import check
from optimizer.errors import ProblemError
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem, filled_rows

WHY = "Why not."


def hand() -> Problem:
    return problem_of(hand_tables())


def said(problem: Problem, *lines: str) -> list[str]:
    return [str(change) for line in lines for change in changes_of_line(line, problem, "--set", WHY)]


def made(problem: Problem, *lines: str) -> Problem:
    return with_changes(problem, [change for line in lines for change in changes_of_line(line, problem)])


def cost(problem: Problem) -> float:
    return float(solve(problem, SolveOptions(relax=True)).outcome["lead_cost_usd_m"])


RULE = 'sentence="Why not.", quantity=STATIONED_PERSONS'
NOBODY = "sense=AT_MOST, value=0"
FREED = [
    ("free forces of ARMORED_BRIGADE", "add freed_levers[FORCES/ARMORED_BRIGADE]"),
    ("free forces from 2028", "add freed_levers[FORCES/USA]: first_year=2028"),
    ("free presence in EUROPE from 2028", "add freed_levers[PRESENCE/EUROPE]: first_year=2028"),
    ("free garrison battlegroup_latvia", "add freed_levers[GARRISON/BATTLEGROUP_LATVIA]"),
    (
        "free command BATTLEGROUP_LEAD_POLAND from 2029",
        "add freed_levers[COMMAND/BATTLEGROUP_LEAD_POLAND]: first_year=2029",
    ),
    ("free billing of JPN", "add freed_levers[BILLING/JPN]"),
    ("free nuclear of DEU", "add freed_levers[NUCLEAR/DEU]"),
    ("free ceiling on OKINAWA", "add freed_levers[CEILING/OKINAWA]"),
]


@pytest.fixture(scope="module")
def locked() -> Problem:
    """The reference case, in which nothing is freed."""
    problem = read_case("reference")
    return Problem({**problem.tables, "freed_levers": problem["freed_levers"].head(0)})


@pytest.mark.parametrize(("line", "change"), FREED)
def test_levers(line: str, change: str, locked: Problem) -> None:
    assert said(locked, line) == [change]


ASKED = [
    (
        "withdraw USA from DEU by 2030",
        "add freed_levers[PRESENCE/DEU]",
        f"add policy_rules[WITHDRAW_USA_DEU]: {RULE}, actor_id=USA, site_group_id=DEU, first_year=2030, {NOBODY}",
    ),
    (
        "cap USA in OKINAWA at 8,000",
        "add freed_levers[PRESENCE/OKINAWA]",
        f"add policy_rules[CAP_USA_OKINAWA]: {RULE}, actor_id=USA, site_group_id=OKINAWA, sense=AT_MOST, value=8000",
    ),
    (
        "cap DEU in LTU at 500",
        f"add policy_rules[CAP_DEU_LTU]: {RULE}, actor_id=DEU, site_group_id=LTU, sense=AT_MOST, value=500",
    ),
    (
        "close DEU_RAMSTEIN by 2029",
        "add freed_levers[PRESENCE/DEU_RAMSTEIN]",
        f"add policy_rules[CLOSE_DEU_RAMSTEIN]: {RULE}, site_group_id=DEU_RAMSTEIN, first_year=2029, {NOBODY}",
    ),
    ("transfer WARTIME_COMMAND_KOREA to KOR", "commands[WARTIME_COMMAND_KOREA].today_actor_id = KOR"),
    ("raise ceiling of DEU to 5%", "actor_years[actor=DEU].spending_ceiling_fraction = 5%"),
    (
        "raise ceiling of DEU to 0.05 from 2029",
        "actor_years[actor=DEU, year=2029..].spending_ceiling_fraction = 0.05",
    ),
    ("set interest in KOREA to 100 for AIR", "interests[KOREA/AIR].interest_usd_m_per_point_yr = 100"),
    (
        "choose independent for DEU",
        "nuclear_options[DEU/INDEPENDENT].holds_today = true",
        "nuclear_options[DEU/UMBRELLA].holds_today = false",
    ),
    (
        "convert ARMORED_BRIGADE of USA to LIGHT_BRIGADE at 300",
        "add conversions[USA/ARMORED_BRIGADE/LIGHT_BRIGADE]: conversion_cost_usd_m_per_unit=300",
    ),
]


@pytest.mark.parametrize(("line", "changes"), [(line, changes) for line, *changes in ASKED])
def test_what_is_asked_for(line: str, changes: list[str], locked: Problem) -> None:
    assert said(locked, line) == changes
    assert check(made(locked, line)) == []


def test_dropping_an_ally_takes_it_out_of_every_scenario(locked: Problem) -> None:
    rows = filled_rows(made(locked, "drop KOR"), "scenario_availability")
    kept = [row for row in rows if row["actor_id"] == "KOR"]
    assert len(kept) == len(locked["scenarios"])
    assert all(row["available_fraction"] == row["access_fraction"] == 0 for row in kept)


def test_an_interest_is_set_for_every_need_of_a_theater() -> None:
    assert said(hand(), "set interest in B to 4000") == [
        "add interests[B/GROUND]: interest_usd_m_per_point_yr=4000"
    ]


def test_choosing_locks_what_was_freed() -> None:
    freed = read_case("essay", "deterrents")
    assert said(freed, "choose umbrella for DEU") == ["delete freed_levers[NUCLEAR/DEU]"]


def test_what_is_freed_later_is_freed_from_the_first_year_if_that_is_asked(locked: Problem) -> None:
    later = made(locked, "free forces from 2029")
    assert said(later, "free forces") == ["freed_levers[FORCES/USA].first_year = (empty)"]
    assert said(later, "free forces from 2028") == ["freed_levers[FORCES/USA].first_year = 2028"]


def test_presence_that_a_larger_place_frees_is_not_freed_again(locked: Problem) -> None:
    freed = made(locked, "free presence in JPN")
    (rule,) = said(freed, "cap USA in OKINAWA at 8000")
    assert rule.startswith("add policy_rules")


def test_the_optimum_does_what_a_phrase_asks() -> None:
    """Of the example: 5 U.S. brigades in B for 13,000, and 2 in K for 5,100; at an interest of 4,000 none in B."""
    assert cost(hand()) == pytest.approx(18_100)
    assert cost(made(hand(), "set interest in B to 4000")) == pytest.approx(5_100)
    assert cost(made(hand(), "set interest in B to 9000", "cap USA in B at 8000")) == pytest.approx(
        2 * 2_600 + 5_100
    )
    assert cost(made(hand(), "set interest in K to 9000", "withdraw USA from K")) == pytest.approx(13_000)


WRONG = [
    ("withdraw USA to EUROPE", "CHANGE_UNREADABLE", "Write withdraw ACTOR from PLACE [by YEAR]."),
    ("witdraw USA from B", "CHANGE_UNREADABLE", "Did you mean withdraw?"),
    ("free the forces", "CHANGE_UNREADABLE", None),
    ("withdraw USB from B", "REFERENCE_UNKNOWN", "Did you mean USA?"),
    ("withdraw USA from B_SIT", "REFERENCE_UNKNOWN", "Did you mean B_SITE?"),
    ("withdraw USA from B by soon", "VALUE_TYPE", "Write it in four digits."),
    ("transfer OPCON to EUR", "REFERENCE_UNKNOWN", "Known: ROK, USA"),
    ("drop USA", "REFERENCE_UNKNOWN", "Name an ally."),
    ("choose umbrella for EUR", "REFERENCE_UNKNOWN", "There is none."),
    ("free command OPCON", "CHANGE_POINTLESS", "Leave it out."),
]


@pytest.mark.parametrize(("line", "code", "fix"), WRONG)
def test_wrong_phrases_are_told_with_what_to_do(line: str, code: str, fix: str | None) -> None:
    with pytest.raises(ProblemError) as caught:
        changes_of_line(line, read_case("hand", "command"), "--set")
    (finding,) = caught.value.findings
    assert finding.code == code
    assert fix is None or finding.fix == fix
    assert finding.message.startswith(f"--set: {line}: ")


def test_a_ceiling_is_raised_and_not_lowered(locked: Problem) -> None:
    with pytest.raises(ProblemError, match="the ceiling reaches"):
        changes_of_line("raise ceiling of DEU to 1%", locked)


def test_every_phrase_is_documented_and_tried() -> None:
    text = (Path(__file__).resolve().parent.parent / "docs" / "changes.md").read_text(encoding="utf-8")
    told = re.findall(rf"^\| `((?:{'|'.join(VERBS)}) [^`]*)` \| (.*) \|$", text, flags=re.MULTILINE)
    assert told == [(phrase.form, phrase.meaning) for phrase in PHRASES]
    lines = [line for line, *_ in [*FREED, *ASKED]] + ["drop KOR"]
    assert all(any(phrase.words(line) for line in lines) for phrase in PHRASES)
