"""Variants of a problem that planners compare: each a problem like the other, changed in one respect.

A variant has no sources, since its figures are no longer those of the publications. Its title says what is changed.
"""

import pandas as pd

from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES

BREAK_EVEN_RATIOS = (1.2, 1.5, 2.1)
"""Defender-conservative, canonical and attacker-conservative."""

_OTHERS_LEAVE = (
    "actor_unit_types",
    "actor_years",
    "owned_today",
    "stationed_today",
    "on_order",
    "programmed_forces",
    "conversions",
    "site_access",
    "site_group_limits",
    "stability_limits",
    "theater_reserves",
)
_OF_THE_ALLIANCE = (
    "interests",
    "garrisons",
    "garrison_actors",
    "garrison_unit_types",
    "policy_rules",
    "commands",
    "command_actors",
    "command_options",
    "command_prerequisites",
    "responses",
    "presence_weights",
    "presence_paths",
    "freed_levers",
    "billing",
    "nuclear_options",
    "nuclear_reductions",
    "exposure",
    "exposure_limits",
    "handovers",
)


def _with(problem: Problem, what: str, **frames: pd.DataFrame) -> Problem:
    tables = {**problem.tables, "sources": problem["sources"].head(0), **frames}
    title = f"{problem.settings['title'] or 'Untitled case'} ({what})"
    return Problem({**tables, "settings": tables["settings"].assign(title=title)})


def in_year_one(problem: Problem) -> Problem:
    """The problem of year 1 alone, in which nothing is on order and no lever is freed."""
    frames = {name: problem[name].head(0) for name in ("on_order", "freed_levers", "periods")}
    settings = problem["settings"].assign(year_count=1)
    return _with(problem, "today's posture", settings=settings, **frames)


def with_break_even_ratio(problem: Problem, ratio: float) -> Problem:
    """The problem with another advantage at which a theater is just held."""
    settings = problem["settings"].assign(break_even_ratio=ratio)
    return _with(problem, f"break-even {ratio:.15g}", settings=settings)


def requiring(problem: Problem, kind: str) -> Problem:
    """The problem in which only phases of a kind, DETER or WIN, ask for anything."""
    kinds = problem["phases"].set_index("phase_id")["kind"]
    rows = _requirements_without(problem, problem["requirements"]["phase_id"].map(kinds) != kind)
    return _with(problem, f"only needs to {kind.lower()}", requirements=rows)


def without_requirements(problem: Problem, theater: str | None = None) -> Problem:
    """The problem in which a theater, or none at all, asks for anything."""
    theaters = problem["requirements"]["theater_id"]
    rows = _requirements_without(problem, theaters.notna() if theater is None else theaters == theater)
    what = "without needs" if theater is None else f"without needs in {theater}"
    return _with(problem, what, requirements=rows)


def _requirements_without(problem: Problem, dropped: "pd.Series[bool]") -> pd.DataFrame:
    """Requirements dropped by asking for 0 points: the table stays, as every problem needs it."""
    rows = problem["requirements"].copy()
    rows.loc[dropped, "required_points"] = 0.0
    rows.loc[dropped, "red_score_points"] = float("nan")
    return rows


def with_response(problem: Problem, level: str, ally: str | None = None) -> Problem:
    """The problem in which responses, of one ally or of all, are at their stated low or high.

    Args:
        problem: the problem.
        level: low or high; a response without such a figure stays as it is.
        ally: whose; None is everybody's.
    """
    rows = problem["responses"].copy()
    stated = rows[f"{level}_response_usd_m_per_point_yr"]
    chosen = stated.notna() & (rows["actor_id"].eq(ally) if ally is not None else True)
    rows["response_usd_m_per_point_yr"] = rows["response_usd_m_per_point_yr"].where(~chosen, stated)
    what = f"{level} responses" if ally is None else f"{level} response of {ally}"
    return _with(problem, what, responses=rows)


def theaters_of(problem: Problem, ally: str) -> list[str]:
    """The theaters of an ally: those in which it hosts sites, or in which its units at home are."""
    areas = problem["staging_areas"].set_index("staging_area_id")["theater_id"]
    hosted = problem["sites"].loc[problem["sites"]["host_actor_id"] == ally, "staging_area_id"]
    home = problem["actors"].loc[problem["actors"]["actor_id"] == ally, "home_staging_area_id"]
    found = pd.concat([hosted, home]).dropna().map(areas).dropna()
    return sorted(found.unique())


def standing_alone(problem: Problem, ally: str) -> Problem:
    """The problem of an ally on its own: it leads, and nobody else has forces or spends.

    Only needs of its own theaters are left, and of them it counts for whatever it brings. Rules, commands,
    garrisons, responses and prices are those of the alliance and go with it; its own costs, program, limits,
    ceilings, availability and lift stay. It keeps access to the sites it hosts alone, where its units come and go as
    an ally's do; what stood abroad is at home.
    """
    frames = {name: _own(problem[name], ally) for name in _OTHERS_LEAVE}
    hosted = problem["sites"].loc[problem["sites"]["host_actor_id"] == ally, "site_id"]
    for name in ("site_access", "stationed_today"):
        frames[name] = frames[name][frames[name]["site_id"].isin(hosted)].reset_index(drop=True)
    frames |= {name: problem[name].head(0) for name in _OF_THE_ALLIANCE}
    freed = pd.DataFrame({"lever": "PRESENCE", "lever_key": frames["site_access"]["actor_id"].head(1)})
    frames["freed_levers"] = PROBLEM_TABLES["freed_levers"].typed(freed)
    frames["settings"] = problem["settings"].assign(lead_actor_id=ally)
    empty = float("nan")
    frames["actors"] = problem["actors"].assign(stand_alone_cost_usd_m=empty)
    others = problem["requirements"]["theater_id"].isin(theaters_of(problem, ally))
    needs = _requirements_without(problem, ~others)
    frames["requirements"] = needs.assign(maximum_lead_fraction=empty, minimum_lead_fraction=empty)
    frames["theater_years"] = problem["theater_years"].assign(maximum_lead_fraction=empty)
    return _with(problem, f"{ally} alone", **frames)


def _own(frame: pd.DataFrame, ally: str) -> pd.DataFrame:
    return frame[frame["actor_id"] == ally].reset_index(drop=True)
