"""Who took over from the lead actor, and how much moved."""

from rich.console import RenderableType

from forceposture.report.numbers import count
from forceposture.report.tables import Table, figures, name, section, sentence
from forceposture.report.view import View


def handovers(view: View) -> list[RenderableType]:
    """Points standing in a theater under a hand-over rule, today and at the end, if there are such rules."""
    rows = view.rows("handover_results")
    if rows.empty:
        return []
    standing = [f"{who} {year}" for who in ("Lead", "Allies") for year in (view.today, view.end)]
    made = Table(name("Theater"), name("Capability"), *figures(*standing, "Carried"))
    for (theater, capability), group in rows.groupby(["theater_id", "capability_id"]):
        by_year = group.set_index("year").reindex([view.today, view.end]).fillna(0.0)
        made.add_row(
            view.name("theaters", str(theater)),
            view.name("capabilities", str(capability)),
            *(count(points) for name in ("lead_points", "allied_points") for points in by_year[name]),
            count(by_year["carried_points"].iloc[-1]),
        )
    note = "Carried: points that allies added before, beyond what the lead actor has withdrawn."
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
        numbers = {year: count(moves.get(year, 0.0)) for year in view.problem.years if year >= first_year}
        yearly = ", ".join(f"{'none' if text == '–' else text} in {year}" for year, text in numbers.items())
        if yearly:
            lines.append(sentence(f"{view.name('actors', str(actor))} moves units and sets: {yearly}."))
    return lines
