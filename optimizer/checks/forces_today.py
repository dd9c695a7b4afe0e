"""Forces in period 0: modes, the right to be where they stand, and whether there are enough of them."""

import pandas as pd

from optimizer.checks.places import accepts_domain, has_facility
from optimizer.checks.rows import row_findings, without_row
from optimizer.errors import Finding
from optimizer.tables.defaults import stationed_persons_today
from optimizer.tables.problem import Problem

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
    modes, stationed = problem["unit_type_modes"], problem["stationed_today"]
    message = "HOME is no mode of being stationed: units that are nowhere else are at home"
    fix = "Use PERMANENT, ROTATIONAL or PREPOSITIONED, or remove the row."
    findings = []
    for name, rows in (("unit_type_modes", modes), ("stationed_today", stationed)):
        findings += row_findings("MODE_MISPLACED", name, rows[rows["mode"] == "HOME"], "mode", message, fix)
    return findings


def caretakers(problem: Problem) -> list[Finding]:
    """Findings for prepositioned sets without caretakers; ``problem`` is as it was given."""
    modes = problem["unit_type_modes"]
    return row_findings(
        "VALUE_MISSING",
        "unit_type_modes",
        modes[(modes["mode"] == "PREPOSITIONED") & modes["personnel_persons"].isna()],
        "personnel_persons",
        "a prepositioned set must say how many caretakers it has",
        "Give their number; 0 if the host looks after it.",
    )


def _not_allowed(problem: Problem) -> list[Finding]:
    stationed = problem["stationed_today"]
    stationed = stationed[stationed["mode"] != "HOME"]
    forces = problem["actor_unit_types"]
    findings = row_findings(
        "MODE_NOT_ALLOWED",
        "stationed_today",
        without_row(stationed, problem["unit_type_modes"], ["unit_type_id", "mode"]),
        "mode",
        "{unit_type_id} stands here today in a mode that unit_type_modes does not have",
        "Add the row {unit_type_id}/{mode} to unit_type_modes, or correct the mode.",
    )
    findings += row_findings(
        "MODE_NOT_ALLOWED",
        "stationed_today",
        without_row(stationed, problem["site_access"], ["site_id", "actor_id"]),
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
    located = stationed.merge(problem["unit_types"][["unit_type_id", "domain"]], on="unit_type_id")
    located = located.merge(problem["sites"].drop(columns="name"), on="site_id")
    findings += row_findings(
        "MODE_NOT_ALLOWED",
        "stationed_today",
        located[~accepts_domain(located)],
        "site_id",
        "{unit_type_id} is of domain {domain}, which the site does not accept",
        "Correct the site, its accepts_ columns, or the domain.",
    )
    access = problem["site_access"].merge(stationed[["site_id", "actor_id"]].drop_duplicates())
    findings += row_findings(
        "MODE_NOT_ALLOWED",
        "site_access",
        access[~access["open_today"].astype(bool)],
        "open_today",
        "the site is said to be closed, but {actor_id} has units there today",
        "Write true, or remove the units from stationed_today.",
    )
    for name in ("owned_today", "on_order"):
        findings += row_findings(
            "REFERENCE_UNKNOWN",
            name,
            without_row(problem[name], forces, FORCE),
            "unit_type_id",
            "actor_unit_types has no row {actor_id}/{unit_type_id}, so {actor_id} may not own such units",
            "Add that row with its costs, or remove this one.",
        )
    return findings


def _not_whole(problem: Problem) -> list[Finding]:
    types = problem["unit_types"].set_index("unit_type_id")
    counted, for_lead_only = types["is_counted"].astype(bool), types["is_counted_for_lead_only"].astype(bool)
    findings = []
    for name, column in (("owned_today", "owned_count"), ("stationed_today", "stationed_count")):
        rows = problem[name]
        is_lead = rows["actor_id"] == problem.settings["lead_actor_id"]
        is_whole = rows["unit_type_id"].map(counted) & (is_lead | ~rows["unit_type_id"].map(for_lead_only))
        rows = rows[is_whole & (rows[column] % 1 != 0)]
        message = "{unit_type_id} is counted in whole units, and this is none"
        fix = "Give a whole number, or empty is_counted of {unit_type_id} in unit_types; with"
        fix += " is_counted_for_lead_only allies may have parts."
        findings += row_findings("VALUE_TYPE", name, rows, column, message, fix)
    return findings


def _too_few_owned(problem: Problem) -> list[Finding]:
    forces = problem["actor_unit_types"][[*FORCE, "reserved_count"]]
    forces = forces.merge(problem["owned_today"], on=FORCE, how="left")
    forces = forces.fillna({"owned_count": 0.0, "sets_owned_count": 0.0})
    stationed = problem["stationed_today"].merge(
        problem["unit_type_modes"][["unit_type_id", "mode", "rotation_ratio"]], on=["unit_type_id", "mode"]
    )
    stationed["units"] = stationed["stationed_count"] * stationed["rotation_ratio"]
    stationed["sets"] = stationed["stationed_count"].where(stationed["mode"] == "PREPOSITIONED", 0.0)
    needed = stationed.groupby(FORCE)[["units", "sets"]].sum().reset_index()
    forces = forces.merge(needed, on=FORCE, how="left").fillna({"units": 0.0, "sets": 0.0})
    findings = row_findings(
        "OWNED_TOO_FEW",
        "owned_today",
        forces[forces["units"] > forces["owned_count"] * _TOLERANCE],
        "owned_count",
        "{units} units are needed for those stationed today with their rotation base",
        "Correct owned_count, stationed_today, or the rotation_ratio in unit_type_modes.",
    )
    findings += row_findings(
        "OWNED_TOO_FEW",
        "owned_today",
        forces[forces["sets"] > forces["sets_owned_count"] * _TOLERANCE],
        "sets_owned_count",
        "{sets} sets are prepositioned today",
        "Correct sets_owned_count or stationed_today.",
    )
    findings += row_findings(
        "OWNED_TOO_FEW",
        "actor_unit_types",
        forces[forces["reserved_count"] > forces["owned_count"] * _TOLERANCE],
        "reserved_count",
        "only {owned_count} units are owned today",
        "Reserve no more than owned_count in owned_today.",
    )
    abroad = forces.merge(_stationed_abroad(problem), on=FORCE)
    findings += row_findings(
        "OWNED_TOO_FEW",
        "actor_unit_types",
        abroad[abroad["abroad"] > (abroad["owned_count"] - abroad["reserved_count"]) * _TOLERANCE],
        "reserved_count",
        "{abroad} of {owned_count} units stand at sites of other actors today, so these cannot all be kept at home",
        "Reserve no more than are left, or correct owned_count or stationed_today.",
    )
    limits = problem["actor_unit_types"]
    return findings + row_findings(
        "OWNED_TOO_FEW",
        "actor_unit_types",
        limits[limits["reserved_count"] > limits["maximum_owned_count"]],
        "reserved_count",
        "only {maximum_owned_count} units may be owned",
        "Reserve no more than maximum_owned_count.",
    )


def _stationed_abroad(problem: Problem) -> pd.DataFrame:
    """Units at sites of other actors today: FORCE and abroad."""
    units = problem["stationed_today"].merge(problem["sites"][["site_id", "host_actor_id"]], on="site_id")
    is_abroad = (units["host_actor_id"] != units["actor_id"]) & (units["mode"] != "PREPOSITIONED")
    return units[is_abroad].groupby(FORCE)["stationed_count"].sum().rename("abroad").reset_index()


def _overfull(problem: Problem) -> list[Finding]:
    people = stationed_persons_today(dict(problem.tables)).reset_index()
    access = problem["site_access"].merge(people, on=["actor_id", "site_id"])
    findings = []
    for column, what in (("limit_persons", "its limit"), ("housing_today_persons", "the room it has")):
        findings += row_findings(
            "SITE_OVERFULL",
            "site_access",
            access[access["persons"] > access[column] * _TOLERANCE],
            column,
            "{actor_id} has {persons} people of modeled units here today, more than " + what,
            "Raise it to what is there, or correct stationed_today.",
        )
    everyone = people.groupby("site_id")["persons"].sum().reset_index()
    sites = problem["sites"].merge(everyone, on="site_id")
    return findings + row_findings(
        "SITE_OVERFULL",
        "sites",
        sites[sites["persons"] > sites["capacity_persons"] * _TOLERANCE],
        "capacity_persons",
        "{persons} people of modeled units stand here today, more than the site holds",
        "Raise the capacity, or correct stationed_today.",
    )


def _facilities(problem: Problem) -> list[Finding]:
    units = problem["stationed_today"].merge(
        problem["unit_types"][["unit_type_id", "facility_id"]], on="unit_type_id"
    )
    findings = row_findings(
        "MODE_NOT_ALLOWED",
        "stationed_today",
        units[~has_facility(problem, units)],
        "site_id",
        "{unit_type_id} needs {facility_id}, which the site does not have",
        "Add the row {site_id}/{facility_id} to site_facilities, or correct the site or the unit type's facility_id.",
    )
    key = ["site_id", "facility_id"]
    count = units[units["mode"] != "PREPOSITIONED"].groupby(key)["stationed_count"].sum().reset_index()
    filled = problem["site_facilities"].merge(count, on=key)
    return findings + row_findings(
        "SITE_OVERFULL",
        "site_facilities",
        filled[filled["stationed_count"] > filled["capacity_count"] * _TOLERANCE],
        "capacity_count",
        "{stationed_count} units that need {facility_id} stand here today",
        "Raise the capacity to what stands there, or correct stationed_today.",
    )
