"""Who took over from the lead actor, and how much moved."""

from rich.console import RenderableType
from rich.text import Text

from forceposture.report.view import View
from forceposture.report.words import count, section, table


def handovers(view: View) -> list[RenderableType]:
    """Points standing in a theater under a hand-over rule, today and at the end, if there are such rules."""
    rows = view.rows("handover_results")
    if rows.empty:
        return []
    made = table(
        2,
        "Theater",
        "Capability",
        *(f"{who} {y}" for who in ("Lead", "Allies") for y in (view.today, view.end)),
    )
    made.add_column("Carried", justify="right")
    for (theater, capability), group in rows.groupby(["theater_id", "capability_id"]):
        by_year = group.set_index("year").reindex([view.today, view.end]).fillna(0.0)
        made.add_row(
            view.name("theaters", str(theater)),
            view.name("capabilities", str(capability)),
            *(count(points) for name in ("lead_points", "allied_points") for points in by_year[name]),
            count(by_year["carried_points"].iloc[-1]),
        )
    note = "Carried: points allies have added by the year before beyond what the lead actor has withdrawn."
    return [section("Hand-over before withdrawal (points standing in the theater)", made, note)]


def stability(view: View) -> list[RenderableType]:
    """How many units and sets moved where moves are limited or priced, a line for each actor."""
    if view.problem["stability_limits"].empty:
        return []
    rows = view.rows("stability_results")
    lines: list[RenderableType] = []
    first_years = view.problem["stability_limits"].groupby("actor_id")["year"].min()
    for actor, first_year in first_years.items():
        moves = rows[rows["actor_id"] == actor].set_index("year")["moves_count"]
        yearly = ", ".join(
            f"{count(moves.get(year, 0.0))} in {year}" for year in view.problem.years if year >= first_year
        )
        lines.append(Text(f"{view.name('actors', str(actor))} moves units and sets: {yearly}."))
    return lines
