"""Sites and groups: names that mean two things, groups inside themselves, sites without a limit."""

from collections.abc import Iterable, Iterator

from optimizer.checks.rows import cells, grouped, is_above, row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem, Row
from optimizer.tables.site_groups import cycles

_GROUPS = {
    "actors": "actor_id",
    "theaters": "theater_id",
    "sites": "site_id",
    "site_groups": "site_group_id",
}
_DEMANDS = (
    "open_cost_usd_m_per_yr",
    "opening_cost_usd_m",
    "closing_cost_usd_m",
    "minimum_garrison_persons",
)


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
    return row_findings(
        "KEY_DUPLICATE",
        "staging_areas",
        [row for row in problem.rows("staging_areas") if row["staging_area_id"] == "HOME"],
        "staging_area_id",
        "HOME is a reserved word: the place of units that are not stationed",
        "Rename the staging area.",
    )


def _unowned_units(problem: Problem) -> list[Finding]:
    """Modes in which more units could stand away from home than are owned."""
    return row_findings(
        "VALUE_RANGE",
        "unit_type_modes",
        [
            row
            for row in problem.rows("unit_type_modes")
            if row["mode"] != "PREPOSITIONED" and is_above(1, row["rotation_ratio"])
        ],
        "rotation_ratio",
        "a unit that stands away from home must be owned, so at least 1 stands behind each",
        "Give 1 or more; only a PREPOSITIONED set ties up no unit.",
    )


def accepted_places(problem: Problem, access: Iterable[Row]) -> Iterator[tuple[Row, Row, Row]]:
    """Where units could stand by some rights of access: rows of site_access, actor_unit_types and unit_type_modes."""
    sites = {row["site_id"]: row for row in problem.rows("sites")}
    types = {row["unit_type_id"]: row for row in problem.rows("unit_types")}
    forces = grouped(problem.rows("actor_unit_types"), "actor_id")
    modes = grouped(problem.rows("unit_type_modes"), "unit_type_id")
    there = site_facilities(problem)
    for right in access:
        for force in forces.get(right["actor_id"], []):
            unit_type = force["unit_type_id"]
            if accepts_domain(sites[right["site_id"]], types[unit_type]["domain"]):
                needed = types[unit_type]["facility_id"]
                for mode in modes.get(unit_type, []):
                    if has_facility(right["site_id"], needed, mode["mode"], there):
                        yield right, force, mode


def site_facilities(problem: Problem) -> set[tuple[str, str]]:
    """Sites with their facilities."""
    return {(row["site_id"], row["facility_id"]) for row in problem.rows("site_facilities")}


def has_facility(site: str, facility: str | None, mode: str, there: set[tuple[str, str]]) -> bool:
    """Whether a site has what a unit needs to stand there in a mode; ``there`` is ``site_facilities``."""
    return facility is None or mode == "PREPOSITIONED" or (site, facility) in there


def accepts_domain(site: Row, domain: str) -> bool:
    """Whether a site accepts units of a domain."""
    return domain == "ANY" or bool(site[f"accepts_{domain.lower()}"])


def _ambiguous_identifiers(problem: Problem) -> list[Finding]:
    message = "{first_table} has this identifier too, so a group of sites of that name would mean two things"
    first = {"FOREIGN": "reserved words"}
    findings = []
    for table, column in _GROUPS.items():
        named = [{**row, "first_table": first.setdefault(row[column], table)} for row in problem.rows(table)]
        twice = [row for row in named if row["first_table"] != table]
        findings += row_findings("KEY_DUPLICATE", table, twice, column, message, "Rename one of the two.")
    return findings


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
    limited = {row["site_id"] for row in problem.rows("sites") if row["capacity_persons"] is not None}
    unlimited = [
        row
        for row in problem.rows("site_access")
        if row["limit_persons"] is None and row["site_id"] not in limited and any(cells(row, _DEMANDS))
    ]
    wrong: dict[tuple[str, str], Row] = {}
    for access, force, mode in accepted_places(problem, unlimited):
        is_owned_freely = (
            force["maximum_owned_count"] is None and force["maximum_raised_count_per_yr"] is None
        )
        if is_above(mode["personnel_persons"], 0) and (is_owned_freely or mode["mode"] == "PREPOSITIONED"):
            wrong.setdefault((access["site_id"], access["actor_id"]), {**access, **force})
    return row_findings(
        "SITE_WITHOUT_LIMIT",
        "site_access",
        wrong.values(),
        "limit_persons",
        "being open costs or demands something, but {actor_id} could station {unit_type_id} without limit",
        "Give limit_persons, the site's capacity_persons, or limits on what {actor_id} may own or raise.",
    )
