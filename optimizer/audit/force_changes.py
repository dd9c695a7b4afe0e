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

    What left one site and came to another was moved. Of what left beyond that, units disbanded beyond those at home
    today were not brought home; what came beyond it was sent abroad. Sites in the actor's own country are home.
    """
    today, last = plan.problem.today, plan.problem.years[-1]
    forces = plan.forces
    over_years = forces[forces["year"] > today].groupby(FORCE_KEY)[["arrived_count", "disbanded_count"]].sum()
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
    from_abroad = (rows["disbanded_count"] - at_home).clip(lower=0.0)
    counts: pd.DataFrame = pd.DataFrame(
        {
            "brought_home_persons": (rows["left"] - moved - from_abroad).clip(lower=0.0),
            "sent_abroad_persons": rows["came"] - moved,
            "moved_persons": moved,
            "disbanded_persons": rows["disbanded_count"],
            "raised_persons": rows["arrived_count"],
        }
    )
    return counts.reset_index()
