"""Whether there is room at home for everybody there, and it is paid for."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal, said
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.tables.plan_tables import by_year

_KEY = ["actor_id", "year"]
_ROW = "homecoming_results: {actor_id} {year}: "


def homecoming(plan: Plan) -> list[str]:
    """Findings about people at home and their room; a row that is not there shows 0."""
    shown = plan.shown("homecoming_results").rename(columns={"home_persons": "shown_persons"})
    rows = _people(plan).merge(shown, on=_KEY, how="outer")
    unpaid = rows[rows["home_persons"].isna()]
    rows = rows[rows["home_persons"].notna()].sort_values(_KEY, ignore_index=True)
    numbers = ["shown_persons", "home_room_persons", "homecoming_persons"]
    rows[numbers] = rows[numbers].fillna(0.0)
    before = rows.groupby("actor_id")["home_room_persons"].shift()
    due = before + rows["ordered_persons"] + rows["homecoming_persons"]
    is_today = rows["year"] == plan.problem.today
    rows["due_persons"] = due.where(~is_today, rows["home_persons"] + rows["homecoming_persons"])
    return [
        *said(unpaid, _ROW + "the actor pays nothing for people at home"),
        *equal(
            rows,
            "shown_persons",
            "home_persons",
            "persons",
            _ROW + "{shown_persons} people shown but {home_persons} are at home",
        ),
        *equal(
            rows,
            "home_room_persons",
            "due_persons",
            "persons",
            _ROW + "room for {home_room_persons} but there is room for {due_persons}",
        ),
        *at_most(
            rows,
            "home_persons",
            "home_room_persons",
            "persons",
            _ROW + "{home_persons} people at home but room for {home_room_persons}",
        ),
    ]


def _people(plan: Plan) -> pd.DataFrame:
    """Of actors that pay for more people at home: actor_id, year, home_persons and ordered_persons; period 0 too."""
    p = plan.problem
    paying = p["actors"].loc[p["actors"]["homecoming_usd_m_per_person"] > 0, "actor_id"]
    forces = p["actor_unit_types"].merge(p["unit_types"], on="unit_type_id")
    forces = by_year(
        forces.loc[forces["actor_id"].isin(paying), [*FORCE_KEY, "personnel_persons"]], plan.all_years
    )
    away = plan.stationed[plan.stationed["mode"] != "PREPOSITIONED"]
    away = away.groupby([*FORCE_KEY, "year"])[["stationed_count"]].sum().reset_index()
    ordered = p["on_order"].astype({"year": "int64"})
    for part in (plan.forces[[*FORCE_KEY, "year", "owned_count"]], away, ordered):
        forces = forces.merge(part, on=[*FORCE_KEY, "year"], how="left")
    counts = forces[["owned_count", "stationed_count", "arriving_count"]].fillna(0.0)
    people = forces["personnel_persons"]
    forces["home_persons"] = people * (counts["owned_count"] - counts["stationed_count"])
    forces["ordered_persons"] = people * counts["arriving_count"]
    return forces.groupby(_KEY)[["home_persons", "ordered_persons"]].sum().reset_index()
