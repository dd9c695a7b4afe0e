"""Who holds commands, what allies pay for troops, and how far they are willing to spend."""

import pandas as pd
from rich.console import RenderableType

from forceposture.report.numbers import NOTHING, money_unit, people
from forceposture.report.tables import Table, figures, name, section, words
from forceposture.report.view import View


def commands(view: View) -> list[RenderableType]:
    """Each command's holder today and at the end, if there are commands."""
    rows = view.rows("command_results")
    if rows.empty:
        return []
    made = Table(name("Command"), *words("Today", "At the end", "Since"))
    for command, group in rows.groupby("command_id"):
        holders = {year: _holder(group[group["year"] == year]) for year in (view.today, *view.problem.years)}
        last = holders[view.end]
        others = [year for year, holder in holders.items() if holder != last]
        since = min(year for year in holders if year > max(others, default=0))
        made.add_row(
            view.name("commands", str(command)),
            *(view.name("actors", holder) for holder in (holders[view.today], last)),
            str(since),
        )
    return [section("Commands", made)]


def _holder(rows: pd.DataFrame) -> str:
    """Who holds a command in a year; a relaxed plan may share it out."""
    held = rows[rows["held_fraction"] > NOTHING]
    if held.empty:
        return "nobody"
    return str(held["actor_id"].iloc[0]) if len(held) == 1 else "shared"


def bills(view: View) -> list[RenderableType]:
    """What each ally pays for the lead actor's troops, today and at the end, if there are bills."""
    key = ["actor_id", "host_actor_id"]
    rows = view.rows("billing_results")
    if rows.empty:
        return []
    unit = money_unit([*rows["billed_usd_m"], *rows["incremental_usd_m"]])
    headings = [
        "Bill today",
        "Bill at end",
        "Their cost today",
        "Cost at end",
        "People today",
        "People at end",
    ]
    made = Table(name("Who pays"), name("Host"), *figures(*headings))
    for (payer, host), bill in rows.groupby(key):
        by_year = bill.set_index("year")
        cells = []
        for column, text in (
            ("billed_usd_m", unit.text),
            ("incremental_usd_m", unit.text),
            ("stationed_persons", people),
        ):
            cells += [text(float(by_year[column].get(year, 0.0))) for year in (view.today, view.end)]
        made.add_row(view.name("actors", str(payer)), view.name("actors", str(host)), *cells)
    return [
        section(
            f"What allies pay for troops of {view.lead_name} ({unit.word} a year)",
            made,
            "Their cost: what the people there cost more than at home, for stationing, sites and housing.",
        )
    ]


def responses(view: View) -> list[RenderableType]:
    """What allies that respond to presence are willing to spend, if there are any."""
    rows = view.rows("response_results")
    if rows.empty:
        return []
    made = Table(name("Ally"), *figures("Year", "Target", "Willing to", "Floor"))
    last = rows.sort_values("year").groupby("actor_id").tail(1)
    unit = money_unit(last[["target_usd_m", "willingness_usd_m", "floor_usd_m"]].to_numpy().ravel())
    for row in last.to_dict("records"):
        made.add_row(
            view.name("actors", str(row["actor_id"])),
            str(row["year"]),
            unit.text(row["target_usd_m"]),
            unit.text(row["willingness_usd_m"]),
            unit.text(row["floor_usd_m"]),
        )
    title = f"What allies are willing to spend, in answer to presence ({unit.word} a year)"
    return [
        section(
            title,
            made,
            "Target: what it would spend in the long run. Willing to: the most it spends in the year, on its way.",
        )
    ]
