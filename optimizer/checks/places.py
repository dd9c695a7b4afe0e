"""Sites and groups: names that mean two things, groups inside themselves, sites without a limit."""

import pandas as pd

from optimizer.checks.rows import row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem
from optimizer.tables.site_groups import cycles

_GROUPS = {
    "actors": "actor_id",
    "theaters": "theater_id",
    "sites": "site_id",
    "site_groups": "site_group_id",
}
_DOMAINS = ("LAND", "AIR", "SEA")


def check(problem: Problem) -> list[Finding]:
    """Findings about sites, groups and access; ``problem`` has its defaults."""
    return [
        *_ambiguous_identifiers(problem),
        *_cycles(problem),
        *_reserved_area(problem),
        *_unowned_units(problem),
        *_sites_without_limit(problem),
    ]


def _reserved_area(problem: Problem) -> list[Finding]:
    """HOME is the source of units that are not stationed, so no staging area may be called so."""
    areas = problem["staging_areas"]
    return row_findings(
        "KEY_DUPLICATE",
        "staging_areas",
        areas[areas["staging_area_id"] == "HOME"],
        "staging_area_id",
        "HOME is a reserved word: the place of units that are not stationed",
        "Rename the staging area.",
    )


def _unowned_units(problem: Problem) -> list[Finding]:
    """Modes in which more units could stand away from home than are owned."""
    modes = problem["unit_type_modes"]
    return row_findings(
        "VALUE_RANGE",
        "unit_type_modes",
        modes[(modes["mode"] != "PREPOSITIONED") & (modes["rotation_ratio"] < 1)],
        "rotation_ratio",
        "a unit that stands away from home must be owned, so at least 1 stands behind each",
        "Give 1 or more; only a PREPOSITIONED set ties up no unit.",
    )


def accepted_places(problem: Problem) -> pd.DataFrame:
    """Where units could stand, as domains and facilities allow: site_access, actor_unit_types, unit_type_modes."""
    places = problem["site_access"].merge(problem["actor_unit_types"], on="actor_id")
    places = places.merge(problem["unit_type_modes"], on="unit_type_id")
    places = places.merge(problem["unit_types"][["unit_type_id", "domain", "facility_id"]], on="unit_type_id")
    accepts = [f"accepts_{domain.lower()}" for domain in _DOMAINS]
    places = places.merge(problem["sites"][["site_id", "capacity_persons", *accepts]], on="site_id")
    return places[accepts_domain(places) & has_facility(problem, places)]


def has_facility(problem: Problem, rows: pd.DataFrame) -> pd.Series:
    """Whether each row's site has what its unit needs to stand there; needs site_id, facility_id and mode."""
    key = ["site_id", "facility_id"]
    there = pd.MultiIndex.from_frame(problem["site_facilities"][key])
    needs_none = rows["facility_id"].isna() | (rows["mode"] == "PREPOSITIONED")
    return needs_none | pd.MultiIndex.from_frame(rows[key]).isin(there)


def accepts_domain(rows: pd.DataFrame) -> pd.Series:
    """Whether each row's site accepts its domain; needs the columns domain and accepts_…."""
    accepted = rows["domain"] == "ANY"
    for domain in _DOMAINS:
        accepted |= (rows["domain"] == domain) & rows[f"accepts_{domain.lower()}"].astype(bool)
    return accepted


def _ambiguous_identifiers(problem: Problem) -> list[Finding]:
    parts = [
        pd.DataFrame({"identifier": problem[table][column], "table": table})
        for table, column in _GROUPS.items()
    ]
    reserved = pd.DataFrame({"identifier": ["FOREIGN"], "table": ["reserved words"]})
    named = pd.concat([reserved, *parts], ignore_index=True)
    named["first_table"] = named.groupby("identifier")["table"].transform("first")
    twice = named[named.duplicated("identifier")]
    message = "{first_table} has this identifier too, so a group of sites of that name would mean two things"
    return [
        finding
        for table, column in _GROUPS.items()
        for finding in row_findings(
            "KEY_DUPLICATE",
            table,
            twice[twice["table"] == table].rename(columns={"identifier": column}),
            column,
            message,
            "Rename one of the two.",
        )
    ]


def _cycles(problem: Problem) -> list[Finding]:
    message = "the group contains itself"
    return [
        Finding(
            "GROUP_CYCLE",
            "site_group_members",
            "/".join(cycle[-2:]),
            "member_id",
            " > ".join(cycle),
            message,
            "Remove one of these members.",
        )
        for cycle in cycles(problem)
    ]


def _sites_without_limit(problem: Problem) -> list[Finding]:
    places = accepted_places(problem)
    demands = [
        "open_cost_usd_m_per_yr",
        "opening_cost_usd_m",
        "closing_cost_usd_m",
        "minimum_garrison_persons",
    ]
    is_opened = (places[demands] > 0).any(axis="columns")
    has_limit = places["limit_persons"].notna() | places["capacity_persons"].notna()
    has_owned_limit = places["maximum_owned_count"].notna() | places["maximum_raised_count_per_yr"].notna()
    has_people = places["personnel_persons"] > 0
    is_unbounded = has_people & (~has_owned_limit | (places["mode"] == "PREPOSITIONED"))
    bad = places[is_opened & ~has_limit & is_unbounded].drop_duplicates(["site_id", "actor_id"])
    return row_findings(
        "SITE_WITHOUT_LIMIT",
        "site_access",
        bad,
        "limit_persons",
        "being open costs or demands something, but {actor_id} could station {unit_type_id} without limit",
        "Give limit_persons, the site's capacity_persons, or limits on what {actor_id} may own or raise.",
    )
