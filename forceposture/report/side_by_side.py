"""Several plans side by side, as tables for a screen."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import pandas as pd
from rich.console import RenderableType
from rich.text import Text

from forceposture.report.headline import outcome_text
from forceposture.report.money import lead_year_costs
from forceposture.report.needs import PRICES
from forceposture.report.numbers import MILLIONS, NOTHING, MoneyUnit, count, figure, money_unit, people
from forceposture.report.tables import Table, figures, name, section, sentence
from forceposture.report.view import View
from optimizer.errors import Finding
from optimizer.plan.ledger import money_lines
from optimizer.questions.comparison import Record, holders_at_the_end
from optimizer.questions.runs import TODAY, Run
from optimizer.questions.todays_posture import TodaysPosture
from optimizer.tables.names import NAMED, names
from optimizer.tables.plan_tables import site_places
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution

_RAISERS = 8
_PAYER_ROWS = 8
_HOST_ROWS = 8
_WARNINGS = 4
_COLUMNS = 4
_DOMAINS = {"LAND": "land", "AIR": "air", "SEA": "sea", "ANY": "of any domain"}
_ALL_PAY = "All actors' cost ({})"


def comparison_rows(
    found: Sequence[tuple[Run, Solution]], today: TodaysPosture | None = None
) -> list[tuple[str, dict[str, str]]]:
    """What is compared: by quantity, the text of each run that has a plan, and first of today's posture if given."""
    rows: dict[str, dict[str, str]] = {}
    views = {run.name: View(run.problem, solution) for run, solution in found if solution.has_plan}
    unit = money_unit(
        view.solution.outcome.get("alliance_cost_usd_m", view.solution.outcome["lead_cost_usd_m"])
        for view in views.values()
    )
    raisers = list(
        dict.fromkeys(actor for view in views.values() for actor in _raised(view).index[:_RAISERS])
    )
    standing = {} if today is None else {TODAY: View(today.problem, today.solution)}
    postures = _postures({**standing, **views})
    for run, _ in found:
        if run.name not in views:
            rows.setdefault("Plan", {})[run.name] = "none"
            continue
        view = views[run.name]
        for label, text in [*_paid(view, unit), *postures[run.name], *_changes(view, raisers)]:
            rows.setdefault(label, {})[run.name] = text
    if today is None:
        return list(rows.items())
    now = dict(postures[TODAY])
    return [
        (label, {TODAY: now[label], **cells} if label in now else cells) for label, cells in rows.items()
    ] + [(label, {TODAY: text}) for label, text in now.items() if label not in rows]


def _raised(view: View) -> "pd.Series[float]":
    """Units that arrive, by the actors to which any do, most first."""
    arrived = view.owned.groupby("actor_id")["arrived_count"].sum()
    return arrived[arrived > 0].sort_values(ascending=False)


def _paid(view: View, unit: MoneyUnit) -> list[tuple[str, str]]:
    """What a plan costs over the years, and whom; of today's posture there is no such thing."""
    outcome, word, money = view.solution.outcome, unit.word, unit.text
    cells = [
        (f"Cost and penalty of lead ({word})", money(outcome["objective_usd_m"])),
        (f"Lead actor's cost ({word})", money(outcome["lead_cost_usd_m"])),
        (f"Penalty ({word})", money(outcome["penalty_usd_m"])),
    ]
    if _is_withheld(view):
        return [*cells, (_ALL_PAY.format(word), "withheld")]
    cells.insert(2, (_ALL_PAY.format(word), money(outcome["alliance_cost_usd_m"])))
    paid = money_lines(view.rows("ledger")).groupby("actor_id")["discounted_usd_m"].sum()
    paid = paid.drop(view.lead, errors="ignore")
    shown = _largest_payers(view, paid)
    cells += [
        (f"Paid by {view.name('actors', actor)} ({word})", money(paid.get(actor, 0.0))) for actor in shown
    ]
    if len(paid) > len(shown):
        cells.append((f"Paid by other allies ({word})", money(paid.drop(shown, errors="ignore").sum())))
    return cells


def _postures(views: Mapping[str, View]) -> dict[str, list[tuple[str, str]]]:
    """By column, what a posture is at the end of its years: its yearly cost, forces, people, needs and commands."""
    yearly = {column: sum(end for _, end in lead_year_costs(view).values()) for column, view in views.items()}
    unit = money_unit(yearly.values())
    abroad = {column: _people_abroad(view) for column, view in views.items()}
    most = pd.concat(list(abroad.values())).groupby(level=0).max() if abroad else pd.Series(dtype="float64")
    hosts = list(most[most > 0].sort_values(ascending=False, kind="stable").index[:_HOST_ROWS])
    found: dict[str, list[tuple[str, str]]] = {}
    for column, view in views.items():
        cells = [(f"Lead's cost of keeping it a year ({unit.word})", unit.text(yearly[column]))]
        owned = view.owned[view.owned["actor_id"] == view.lead].merge(
            view.problem["unit_types"][["unit_type_id", "domain"]], on="unit_type_id"
        )
        units = owned.groupby("domain")["end"].sum()
        cells += [(f"Lead's units, {_DOMAINS[domain]}", count(units.get(domain, 0.0))) for domain in _DOMAINS]
        sites = view.sites.merge(site_places(view.problem)[["site_id", "theater_id"]], on="site_id")
        own = sites[sites["actor_id"] == view.lead].groupby("theater_id")["people_end"].sum()
        cells += [(f"Lead's people in {view.name('theaters', str(k))}", people(n)) for k, n in own.items()]
        cells += [
            (f"Lead's people hosted by {view.name('actors', host)}", people(abroad[column].get(host, 0.0)))
            for host in hosts
        ]
        if not _is_withheld(view):
            cells += [*_unmet(view), *holders_at_the_end(view.problem, view.solution).items()]
        found[column] = cells
    used = {domain for view in views.values() for domain in view.problem["unit_types"]["domain"].unique()}
    unused = {f"Lead's units, {word}" for domain, word in _DOMAINS.items() if domain not in used}
    return {column: [cell for cell in cells if cell[0] not in unused] for column, cells in found.items()}


def _people_abroad(view: View) -> "pd.Series[float]":
    """The lead actor's people at the end by host, where that is another actor."""
    sites = view.sites[(view.sites["actor_id"] == view.lead) & view.sites["is_abroad"]]
    return sites.groupby("host_actor_id")["people_end"].sum()


def _unmet(view: View) -> list[tuple[str, str]]:
    needs = view.needs
    missed = int((needs["shortfall_points"] > NOTHING).sum())
    short = view.rows("requirement_results").groupby("theater_id")["shortfall_points"].max()
    return [
        ("Needs missed", f"{missed:,} of {len(needs):,}"),
        *((f"Most missing in {view.name('theaters', str(k))}", count(n)) for k, n in short.items()),
    ]


def _changes(view: View, raisers: Sequence[str]) -> list[tuple[str, str]]:
    """What a plan raises, and what its needs cost."""
    if _is_withheld(view):
        return []
    raised = _raised(view)
    cells = [
        (f"Units raised by {view.name('actors', actor)}", count(raised.get(actor, 0.0))) for actor in raisers
    ]
    needs = view.rows("requirement_results")
    if needs["price_usd_m_per_point"].gt(0).any():
        cells.append(("Prices", PRICES[view.solution.outcome["price_kind"]].partition(":")[0]))
        prices = needs.groupby("theater_id")["price_usd_m_per_point"].max()
        cells += [(f"Highest price in {view.name('theaters', str(k))}", figure(n)) for k, n in prices.items()]
    return cells


def _is_withheld(view: View) -> bool:
    return "allied_figures_withheld" in view.solution.outcome


def _largest_payers(view: View, paid: "pd.Series[float]") -> list[str]:
    """The allies that spent most in period 0, so that all columns name the same; else those that pay most."""
    years = view.problem["actor_years"]
    spent = years[years["year"] == view.today].set_index("actor_id")["spending_usd_m_per_yr"].dropna()
    spent = spent[spent.index.isin(paid.index)]
    largest = spent if len(spent) else paid
    return [str(actor) for actor in largest.sort_values(ascending=False).index[:_PAYER_ROWS]]


def record_parts(records: list[Record], problem: Problem) -> list[RenderableType]:
    """A table of records, if there are any; their keys are its columns, and identifiers become names."""
    if not records:
        return []
    first, *others = map(_heading, records[0])
    made = Table(name(first), *figures(*others))
    labels = {key: names(problem, NAMED[key]) for key in records[0] if key in NAMED}
    for record in records:
        cells = {key: _cell(key, cell, records) for key, cell in record.items()}
        made.add_row(*(labels.get(key, {}).get(cell, cell) for key, cell in cells.items()))
    return [made]


def _heading(name: str) -> str:
    words = name.replace("_usd_m", ", M$").replace("_", " ")
    return words[:1].upper() + words[1:]


def _cell(key: str, cell: str | float, records: list[Record]) -> str:
    if isinstance(cell, str):
        return cell
    if not key.endswith("_usd_m"):
        return figure(cell)
    unit = money_unit(amount for record in records if not isinstance(amount := record[key], str))
    return (unit if unit.word == "M$" else MILLIONS).text(cell)


def without_plan_parts(found: Sequence[tuple[Run, Solution]]) -> list[RenderableType]:
    """Why runs have no plan, if any have none."""
    return [
        sentence(line if number else f"{run.heading}: {line}")
        for run, solution in found
        if not solution.has_plan
        for number, line in enumerate(outcome_text(solution).split("\n"))
    ]


def warning_parts(doubts: Sequence[tuple[Run, Finding]]) -> list[RenderableType]:
    """A line for each warning about a run, the first few of each run."""
    parts: list[RenderableType] = []
    for heading, group in groupby(doubts, key=lambda doubt: doubt[0].heading):
        found = list(group)
        parts += [sentence(f"{heading}: {doubt.message} [{doubt.code}]") for _, doubt in found[:_WARNINGS]]
        if len(found) > _WARNINGS:
            parts.append(
                sentence(f"{heading}: and {len(found) - _WARNINGS:,} more like these; --json has all.")
            )
    return [Text("What changes nothing", style="bold"), *parts] if parts else []


def side_by_side(
    headings: Mapping[str, str], rows: list[tuple[str, dict[str, str]]], note: str, repeated: int = 0
) -> list[RenderableType]:
    """Tables of a few columns each, with a row for each quantity that one of the columns has.

    Where one table does not hold all columns, those that equal an earlier one in every row are only named, and what is
    the same in all of them is in the first table only.

    Args:
        headings: by column as the rows name it, what stands over it.
        rows: quantities and their text by column.
        note: how to read them, below.
        repeated: how many columns, from the first, stand in every table.
    """
    names, first = list(headings)[repeated:], list(headings)[:repeated]
    width = _COLUMNS - max(repeated - 1, 0)
    alike: dict[tuple[str | None, ...], list[str]] = {}
    for run in names:
        column = tuple(cells.get(run) for _, cells in rows) if len(names) > width else (run,)
        alike.setdefault(column, []).append(run)
    columns = [same for same, *_ in alike.values()]
    parts: list[RenderableType] = []
    for start in range(0, max(len(columns), 1), width):
        shown = [*first, *columns[start : start + width]]
        made = Table(name("Quantity"), *figures(*(headings[run] for run in shown)))
        for label, cells in rows:
            is_same = len({cells.get(run) for run in headings}) == 1
            if not cells.keys().isdisjoint(shown) and not (start and is_same):
                made.add_row(label, *(cells.get(run, "") for run in shown))
        parts.append(section("Side by side", made))
    parts += [
        sentence(f"As {headings[same]} in every row: {', '.join(headings[run] for run in others)}.")
        for same, *others in alike.values()
        if others
    ]
    return [*parts, sentence(note)] if note else parts
