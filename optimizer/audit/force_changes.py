"""Whether what is said to have become of the people follows from the first and the last year's forces."""

import pandas as pd

from optimizer.audit.comparison import equal
from optimizer.audit.plan import FORCE_KEY, Plan

_NUMBERS = (
    "brought_home_persons",
    "sent_abroad_persons",
    "moved_persons",
    "disbanded_persons",
    "raised_persons",
    "converted_persons",
)
_ROW = "force_changes: {actor_id} {unit_type_id}: "


def force_changes(plan: Plan) -> list[str]:
    """Findings about the table force_changes; a row that is not there shows 0."""
    shown = plan.shown("force_changes")[[*FORCE_KEY, *_NUMBERS]]
    rows = _counts(plan).merge(
        plan.problem["unit_types"][["unit_type_id", "personnel_persons"]], on="unit_type_id"
    )
    for name in _NUMBERS:
        rows[name] *= rows["personnel_persons"]
    rows = rows.merge(shown, on=FORCE_KEY, how="outer", suffixes=("", "_shown"))
    findings: list[str] = []
    for name in _NUMBERS:
        both = rows.fillna({name: 0.0, f"{name}_shown": 0.0})
        words = f"{_ROW}{name} of {{{name}_shown}} shown but {{{name}}} follows from the plan"
        findings += equal(both, f"{name}_shown", name, "persons", words)
    return findings


def _counts(plan: Plan) -> pd.DataFrame:
    """FORCE_KEY and each number in units.

    What left one site and came to another was moved. Of what left beyond that, units disbanded and converted beyond
    those at home today were not brought home; what came beyond it was sent abroad, but for units that were converted
    abroad to what they are. Sites in the actor's own country are home.
    """
    today, last = plan.problem.today, plan.problem.years[-1]
    forces = plan.forces
    flows = ["arrived_count", "disbanded_count", "converted_out_count"]
    over_years = forces[forces["year"] > today].groupby(FORCE_KEY)[flows].sum()
    home = forces[forces["year"] == today].set_index(FORCE_KEY)["owned_count"]
    units = plan.stationed[plan.stationed["mode"] != "PREPOSITIONED"]
    hosts = plan.problem["sites"].set_index("site_id")["host_actor_id"]
    units = units[units["site_id"].map(hosts) != units["actor_id"]]
    stood = units.groupby([*FORCE_KEY, "site_id", "year"])["stationed_count"].sum().unstack("year")
    stood = stood.reindex(columns=[today, last]).fillna(0.0)
    by_force = pd.DataFrame(
        {
            "came": (stood[last] - stood[today]).clip(lower=0.0),
            "left": (stood[today] - stood[last]).clip(lower=0.0),
            "abroad": stood[today],
        }
    )
    sums = by_force.groupby(FORCE_KEY).sum()
    rows = over_years.join(home).join(sums).fillna(0.0)
    moved = rows[["came", "left"]].min(axis="columns")
    at_home = (rows["owned_count"] - rows["abroad"]).clip(lower=0.0)
    left_home = (at_home - rows["disbanded_count"]).clip(lower=0.0)
    converted_abroad = (rows["converted_out_count"] - left_home).clip(lower=0.0)
    from_abroad = (rows["disbanded_count"] - at_home).clip(lower=0.0) + converted_abroad
    came_converted = _came_converted(plan, converted_abroad / rows["converted_out_count"])
    came = rows["came"] - moved - came_converted.reindex(rows.index).fillna(0.0)
    counts: pd.DataFrame = pd.DataFrame(
        {
            "brought_home_persons": (rows["left"] - moved - from_abroad).clip(lower=0.0),
            "sent_abroad_persons": came.clip(lower=0.0),
            "moved_persons": moved,
            "disbanded_persons": rows["disbanded_count"],
            "raised_persons": rows["arrived_count"],
            "converted_persons": rows["converted_out_count"],
        }
    )
    return counts.reset_index()


def _came_converted(plan: Plan, part_abroad: pd.Series) -> pd.Series:
    """By force, units of which the part converted abroad became of its kind, whatever else they could become."""
    orders = plan.table("conversion_results")
    was = pd.MultiIndex.from_frame(orders[["actor_id", "from_unit_type_id"]])
    units = orders["converted_count"] * part_abroad.reindex(was).fillna(0.0).to_numpy()
    sums: pd.Series = (
        units.groupby([orders["actor_id"], orders["to_unit_type_id"]]).sum().rename_axis(FORCE_KEY)
    )
    return sums
