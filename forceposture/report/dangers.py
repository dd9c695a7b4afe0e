"""How threatened allies are covered, and how exposed that and presence leave the lead actor."""

import pandas as pd
from rich.console import RenderableType

from forceposture.report.money import span
from forceposture.report.numbers import NOTHING, change, count, counted, money_unit
from forceposture.report.tables import Table, figures, name, section, words
from forceposture.report.view import View

_WORDS = {
    "UMBRELLA": "umbrella",
    "INDEPENDENT": "forces of its own",
    "SHARED": "shared",
    "NONE": "not covered",
}
_PARTS = {"Units stationed": "presence", "Commands held": "command", "Umbrellas": "umbrella", "All": ""}


def nuclear(view: View) -> list[RenderableType]:
    """Each threatened ally's cover today and at the end, its program and what that costs, if there are such allies."""
    rows = view.rows("nuclear_results")
    if rows.empty:
        return []
    lines = view.rows("ledger")
    lines = lines[lines["kind"] == "NUCLEAR"]
    own = lines[lines["actor_id"] != view.lead].groupby("actor_id")["discounted_usd_m"].sum()
    led = lines.loc[lines["actor_id"] == view.lead, "discounted_usd_m"].sum()
    unit = money_unit([*own, led])
    made = Table(name("Ally"), *words(str(view.today), str(view.end), "Program"), *figures("Own cost"))
    for ally, group in rows.groupby("actor_id"):
        held = group[group["chosen_fraction"] > 0.5].set_index("year")["nuclear_posture"]
        made.add_row(
            view.name("actors", str(ally)),
            *(_WORDS.get(str(held.get(year)), "in part") for year in (view.today, view.end)),
            _program(group),
            unit.text(float(own.get(ally, 0.0))),
        )
    notes = [f"Nuclear cover costs {view.lead_name} {unit.full(float(led))} {span(view)}."]
    notes += _out_of_reach(view)
    return [section(f"Nuclear cover of threatened allies ({unit.word}, {span(view)})", made, *notes)]


def exposure(view: View) -> list[RenderableType]:
    """Exposure today and at the end by what causes it, if it is counted."""
    rows = view.rows("exposure_results").set_index("year")
    if rows.empty:
        return []
    made = Table(name("From"), *figures(str(view.today), str(view.end), "Change"))
    for label, part in _PARTS.items():
        column = f"{part}_exposure_points".removeprefix("_")
        points = rows[column].reindex([view.today, view.end], fill_value=0.0)
        before, after = float(points.iloc[0]), float(points.iloc[1])
        if label == "All":
            made.add_section()
        made.add_row(label, count(before), count(after), change(after - before))
    return [section(f"{view.lead_name}: exposure, in points", made)]


def _program(rows: pd.DataFrame) -> str:
    """When an ally's first program starts; a relaxed plan may start a part of one."""
    started = rows[rows["started_fraction"] > NOTHING]
    if started.empty:
        return "–"
    part = "" if (started["started_fraction"] > 0.5).all() else "in part "
    return f"{part}from {started['year'].min()}"


def _out_of_reach(view: View) -> list[str]:
    """A sentence for each freed option whose program would not be finished by the last year."""
    options = view.problem["nuclear_options"]
    first = (
        options["actor_id"].map(view.problem.freed_years("NUCLEAR")).clip(lower=view.problem.years[0])
        + options["lead_time_yr"]
    )
    late = options[(first > view.end) & ~options["holds_today"].astype(bool)]
    return [
        f"{view.name('actors', row['actor_id'])}: {_WORDS[row['nuclear_posture']]} would take a program of"
        f" {counted(int(row['lead_time_yr']), 'year')}, beyond {view.end}."
        for row in late.to_dict("records")
    ]
