"""Who holds commands, what allies pay for troops, and how far they are willing to spend."""

from rich.console import RenderableType

from forceposture.report.view import View
from forceposture.report.words import count, people, section, table


def commands(view: View) -> list[RenderableType]:
    """Each command's holder today and at the end, if there are commands."""
    rows = view.rows("command_results")
    if rows.empty:
        return []
    held = rows[rows["held_fraction"] > 0.5].sort_values("year")
    made = table(1, "Command", "Today", "At the end", "Since")
    for command, group in held.groupby("command_id"):
        last = str(group["actor_id"].iloc[-1])
        since = group.loc[group["actor_id"] == last, "year"].min()
        made.add_row(
            view.name("commands", str(command)),
            view.name("actors", str(group["actor_id"].iloc[0])),
            view.name("actors", last),
            str(since),
        )
    return [section("Commands", made)]


def bills(view: View) -> list[RenderableType]:
    """What each ally pays for the lead actor's troops, today and at the end, if there are bills."""
    key = ["actor_id", "host_actor_id"]
    rows = view.rows("billing_results")
    if rows.empty:
        return []
    made = table(2, "Who pays", "Host", "Bill today", "End", "Their cost today", "End", "People today", "End")
    for (payer, host), bill in rows.groupby(key):
        by_year = bill.set_index("year")
        cells = []
        for column, words in (
            ("billed_usd_m", count),
            ("incremental_usd_m", count),
            ("stationed_persons", people),
        ):
            for year in (view.today, view.end):
                cells.append(words(float(by_year[column].get(year, 0.0))))
        made.add_row(view.name("actors", str(payer)), view.name("actors", str(host)), *cells)
    return [
        section(
            f"What allies pay for troops of {view.lead_name} (M$ a year)",
            made,
            "Their cost: what the people there cost more than at home, for stationing, sites and housing.",
        )
    ]


def responses(view: View) -> list[RenderableType]:
    """What allies that respond to presence are willing to spend, if there are any."""
    rows = view.rows("response_results")
    if rows.empty:
        return []
    made = table(1, "Ally", "Year", "Target", "Willing to", "Floor")
    last = rows.sort_values("year").groupby("actor_id").tail(1)
    for row in last.to_dict("records"):
        made.add_row(
            view.name("actors", str(row["actor_id"])),
            str(row["year"]),
            count(row["target_usd_m"]),
            count(row["willingness_usd_m"]),
            count(row["floor_usd_m"]),
        )
    return [section("What allies are willing to spend, in answer to presence (M$ a year)", made)]
