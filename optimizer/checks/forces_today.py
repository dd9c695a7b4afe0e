"""Forces in period 0: modes, the right to be where they stand, and whether there are enough of them."""

import math

from optimizer.checks.places import accepts_domain, has_facility, site_facilities
from optimizer.checks.rows import cells, is_above, row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.defaults import stationed_persons_today
from optimizer.tables.problem import Problem, Row

FORCE = ["actor_id", "unit_type_id"]
_TOLERANCE = 1 + 1e-9


def check(problem: Problem) -> list[Finding]:
    """Findings about modes and period 0; ``problem`` has its defaults."""
    return [
        *_modes(problem),
        *_not_allowed(problem),
        *_not_whole(problem),
        *_too_few_owned(problem),
        *_overfull(problem),
        *_facilities(problem),
    ]


def _modes(problem: Problem) -> list[Finding]:
    message = "HOME is no mode of being stationed: units that are nowhere else are at home"
    fix = "Use PERMANENT, ROTATIONAL or PREPOSITIONED, or remove the row."
    findings = []
    for name in ("unit_type_modes", "stationed_today"):
        at_home = [row for row in problem.rows(name) if row["mode"] == "HOME"]
        findings += row_findings("MODE_MISPLACED", name, at_home, "mode", message, fix)
    return findings


def caretakers(problem: Problem) -> list[Finding]:
    """Findings for prepositioned sets without caretakers; ``problem`` is as it was given."""
    return row_findings(
        "VALUE_MISSING",
        "unit_type_modes",
        [
            row
            for row in problem.rows("unit_type_modes")
            if row["mode"] == "PREPOSITIONED" and row["personnel_persons"] is None
        ],
        "personnel_persons",
        "a prepositioned set must say how many caretakers it has",
        "Give their number; 0 if the host looks after it.",
    )


def _not_allowed(problem: Problem) -> list[Finding]:
    stationed = [row for row in problem.rows("stationed_today") if row["mode"] != "HOME"]
    forces = problem.rows("actor_unit_types")
    sites = {row["site_id"]: row for row in problem.rows("sites")}
    domains = {row["unit_type_id"]: row["domain"] for row in problem.rows("unit_types")}
    findings = row_findings(
        "MODE_NOT_ALLOWED",
        "stationed_today",
        without_row(stationed, problem.rows("unit_type_modes"), ["unit_type_id", "mode"]),
        "mode",
        "{unit_type_id} stands here today in a mode that unit_type_modes does not have",
        "Add the row {unit_type_id}/{mode} to unit_type_modes, or correct the mode.",
    )
    findings += row_findings(
        "MODE_NOT_ALLOWED",
        "stationed_today",
        without_row(stationed, problem.rows("site_access"), ["site_id", "actor_id"]),
        "site_id",
        "{actor_id} stands here today without the right to use the site",
        "Add the row {site_id}/{actor_id} to site_access, or correct the site.",
    )
    findings += row_findings(
        "MODE_NOT_ALLOWED",
        "stationed_today",
        without_row(stationed, forces, FORCE),
        "unit_type_id",
        "{actor_id} stations units today that it may not own",
        "Add the row {actor_id}/{unit_type_id} to actor_unit_types, or correct the unit type.",
    )
    findings += row_findings(
        "MODE_NOT_ALLOWED",
        "stationed_today",
        [
            {**row, "domain": domains[row["unit_type_id"]]}
            for row in stationed
            if not accepts_domain(sites[row["site_id"]], domains[row["unit_type_id"]])
        ],
        "site_id",
        "{unit_type_id} is of domain {domain}, which the site does not accept",
        "Correct the site, its accepts_ columns, or the domain.",
    )
    used = {(row["site_id"], row["actor_id"]) for row in stationed}
    findings += row_findings(
        "MODE_NOT_ALLOWED",
        "site_access",
        [
            row
            for row in problem.rows("site_access")
            if (row["site_id"], row["actor_id"]) in used and not row["open_today"]
        ],
        "open_today",
        "the site is said to be closed, but {actor_id} has units there today",
        "Write true, or remove the units from stationed_today.",
    )
    for name in ("owned_today", "on_order"):
        findings += row_findings(
            "REFERENCE_UNKNOWN",
            name,
            without_row(problem.rows(name), forces, FORCE),
            "unit_type_id",
            "actor_unit_types has no row {actor_id}/{unit_type_id}, so {actor_id} may not own such units",
            "Add that row with its costs, or remove this one.",
        )
    return findings


def _not_whole(problem: Problem) -> list[Finding]:
    types = {row["unit_type_id"]: row for row in problem.rows("unit_types")}
    lead = problem.settings["lead_actor_id"]
    message = "{unit_type_id} is counted in whole units, and this is none"
    fix = "Give a whole number, or empty is_counted of {unit_type_id} in unit_types; with is_counted_for_lead_only"
    fix += " allies may have parts."
    findings = []
    for name, column in (("owned_today", "owned_count"), ("stationed_today", "stationed_count")):
        broken = [
            row
            for row in problem.rows(name)
            for kind in [types[row["unit_type_id"]]]
            if kind["is_counted"]
            and (row["actor_id"] == lead or not kind["is_counted_for_lead_only"])
            and row[column] % 1 != 0
        ]
        findings += row_findings("VALUE_TYPE", name, broken, column, message, fix)
    return findings


def _too_few_owned(problem: Problem) -> list[Finding]:
    forces = _forces(problem)
    return [
        *row_findings(
            "OWNED_TOO_FEW",
            "owned_today",
            [row for row in forces if row["units"] > row["owned_count"] * _TOLERANCE],
            "owned_count",
            "{units} units are needed for those stationed today with their rotation base",
            "Correct owned_count, stationed_today, or the rotation_ratio in unit_type_modes.",
        ),
        *row_findings(
            "OWNED_TOO_FEW",
            "owned_today",
            [row for row in forces if row["sets"] > row["sets_owned_count"] * _TOLERANCE],
            "sets_owned_count",
            "{sets} sets are prepositioned today",
            "Correct sets_owned_count or stationed_today.",
        ),
        *row_findings(
            "OWNED_TOO_FEW",
            "actor_unit_types",
            [row for row in forces if row["reserved_count"] > row["owned_count"] * _TOLERANCE],
            "reserved_count",
            "only {owned_count} units are owned today",
            "Reserve no more than owned_count in owned_today.",
        ),
        *row_findings(
            "OWNED_TOO_FEW",
            "actor_unit_types",
            [
                row
                for row in forces
                if is_above(row["abroad"], (row["owned_count"] - row["reserved_count"]) * _TOLERANCE)
            ],
            "reserved_count",
            "{abroad} of {owned_count} units stand at sites of other actors today, so these cannot all be kept at home",
            "Reserve no more than are left, or correct owned_count or stationed_today.",
        ),
        *row_findings(
            "OWNED_TOO_FEW",
            "actor_unit_types",
            [row for row in forces if is_above(row["reserved_count"], row["maximum_owned_count"])],
            "reserved_count",
            "only {maximum_owned_count} units may be owned",
            "Reserve no more than maximum_owned_count.",
        ),
    ]


def _forces(problem: Problem) -> list[Row]:
    """The rows of actor_unit_types with what is owned and needed today.

    These are owned_count, sets_owned_count, units (stationed, with their rotation base), sets (prepositioned) and
    abroad (units at sites of other actors; None where none is there).
    """
    owned = {cells(row, FORCE): row for row in problem.rows("owned_today")}
    ratios = {
        (row["unit_type_id"], row["mode"]): row["rotation_ratio"] for row in problem.rows("unit_type_modes")
    }
    hosts = {row["site_id"]: row["host_actor_id"] for row in problem.rows("sites")}
    units: dict[tuple[object, ...], list[float]] = {}
    sets: dict[tuple[object, ...], list[float]] = {}
    abroad: dict[tuple[object, ...], list[float]] = {}
    for row in problem.rows("stationed_today"):
        force, count = cells(row, FORCE), row["stationed_count"]
        ratio = ratios.get((row["unit_type_id"], row["mode"]))
        if ratio is not None:
            units.setdefault(force, []).append(count * ratio)
            if row["mode"] == "PREPOSITIONED":
                sets.setdefault(force, []).append(count)
        if row["mode"] != "PREPOSITIONED" and hosts[row["site_id"]] != row["actor_id"]:
            abroad.setdefault(force, []).append(count)
    nothing = {"owned_count": 0.0, "sets_owned_count": 0.0}
    return [
        {
            **row,
            **{name: owned.get(force, nothing)[name] for name in nothing},
            "units": math.fsum(units.get(force, [])),
            "sets": math.fsum(sets.get(force, [])),
            "abroad": math.fsum(abroad[force]) if force in abroad else None,
        }
        for row in problem.rows("actor_unit_types")
        for force in [cells(row, FORCE)]
    ]


def _overfull(problem: Problem) -> list[Finding]:
    people = stationed_persons_today(problem.tables)
    at_site: dict[str, list[float]] = {}
    for (_, site), persons in people.items():
        at_site.setdefault(site, []).append(persons)
    access = [
        {**row, "persons": people[row["actor_id"], row["site_id"]]}
        for row in problem.rows("site_access")
        if (row["actor_id"], row["site_id"]) in people
    ]
    sites = [
        {**row, "persons": math.fsum(at_site[row["site_id"]])}
        for row in problem.rows("sites")
        if row["site_id"] in at_site
    ]
    findings = []
    for column, what in (("limit_persons", "its limit"), ("housing_today_persons", "the room it has")):
        findings += row_findings(
            "SITE_OVERFULL",
            "site_access",
            _overfilled(access, column),
            column,
            "{actor_id} has {persons} people of modeled units here today, more than " + what,
            "Raise it to what is there, or correct stationed_today.",
        )
    return findings + row_findings(
        "SITE_OVERFULL",
        "sites",
        _overfilled(sites, "capacity_persons"),
        "capacity_persons",
        "{persons} people of modeled units stand here today, more than the site holds",
        "Raise the capacity, or correct stationed_today.",
    )


def _overfilled(rows: list[Row], column: str) -> list[Row]:
    """The rows with more persons than a column has room for."""
    return [row for row in rows if row[column] is not None and row["persons"] > row[column] * _TOLERANCE]


def _facilities(problem: Problem) -> list[Finding]:
    needed = {row["unit_type_id"]: row["facility_id"] for row in problem.rows("unit_types")}
    there = site_facilities(problem)
    units = [
        {**row, "facility_id": needed[row["unit_type_id"]]}
        for row in problem.rows("stationed_today")
        if row["mode"] != "PREPOSITIONED"
    ]
    findings = row_findings(
        "MODE_NOT_ALLOWED",
        "stationed_today",
        [row for row in units if not has_facility(row["site_id"], row["facility_id"], row["mode"], there)],
        "site_id",
        "{unit_type_id} needs {facility_id}, which the site does not have",
        "Add the row {site_id}/{facility_id} to site_facilities, or correct the site or the unit type's facility_id.",
    )
    counts: dict[tuple[str, str], list[float]] = {}
    for row in units:
        counts.setdefault((row["site_id"], row["facility_id"]), []).append(row["stationed_count"])
    filled = [
        {**row, "units": math.fsum(counts.get((row["site_id"], row["facility_id"]), []))}
        for row in problem.rows("site_facilities")
        if row["capacity_count"] is not None
    ]
    return findings + row_findings(
        "SITE_OVERFULL",
        "site_facilities",
        [row for row in filled if row["units"] > row["capacity_count"] * _TOLERANCE],
        "capacity_count",
        "{units} units that need {facility_id} stand here today",
        "Raise the capacity to what stands there, or correct stationed_today.",
    )
