"""What presence costs the lead actor, theater by theater, in four views."""

import pandas as pd
from rich.console import RenderableType

from forceposture.report.numbers import money_unit
from forceposture.report.tables import Table, figures, name, section
from forceposture.report.view import View

_VIEWS = {
    "Being there": "incremental_usd_m",
    "And units": "units_abroad_usd_m",
    "And raising": "with_overhead_usd_m",
    "And at home": "held_for_theater_usd_m",
}


def views_of_presence(view: View) -> list[RenderableType]:
    """The views of the last year, if anything is in them."""
    rows = view.rows("cost_views")
    rows = rows[rows["year"] == view.end]
    if rows.empty:
        return []
    unit = money_unit(rows["held_for_theater_usd_m"])
    made = Table(name("Theater"), *figures(*_VIEWS))
    for row in rows.to_dict("records"):
        theater = row["theater_id"]
        label = view.name("theaters", theater) if isinstance(theater, str) and theater else "None"
        made.add_row(label, *(unit.text(float(row[column])) for column in _VIEWS.values()))
    return [
        section(
            f"{view.lead_name}: what presence costs in {view.end}, in four views ({unit.word} a year)",
            made,
            "Being there: what stationing, sites, housing and sets cost beyond being at home.",
            "And units: with owning the units that stand there.",
            "And raising: with a year's part of raising them, and overhead.",
            "And at home: with units at home, shared out by what scenarios take from there: a convention.",
            "Each view contains the one before.",
            *_without_theater(rows),
        )
    ]


def _without_theater(rows: pd.DataFrame) -> list[str]:
    """What the row of no theater is, where there is one."""
    if rows["theater_id"].fillna("").ne("").all():
        return []
    return ["None: units that no scenario takes, and sites in no theater."]
