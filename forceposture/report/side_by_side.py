"""Several plans side by side, as tables for a screen."""

from collections.abc import Sequence

import pandas as pd
from rich.console import RenderableType

from forceposture.report.needs import PRICES
from forceposture.report.numbers import MILLIONS, MoneyUnit, count, figure, money_unit, people
from forceposture.report.tables import Table, figures, name, section, sentence
from forceposture.report.view import View
from optimizer.plan.ledger import money_lines
from optimizer.questions.comparison import Record, holders_at_the_end
from optimizer.questions.runs import Run
from optimizer.tables.names import NAMED, names
from optimizer.tables.plan_tables import site_places
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution

_RAISERS = 8
_PAYER_ROWS = 8
_COLUMNS = 4
_ALL_PAY = "All actors' cost ({})"


def comparison_rows(found: Sequence[tuple[Run, Solution]]) -> list[tuple[str, dict[str, str]]]:
    """What is compared: by quantity, the text of each run that has a plan."""
    rows: dict[str, dict[str, str]] = {}
    views = {run.name: View(run.problem, solution) for run, solution in found if solution.has_plan}
    unit = money_unit(
        view.solution.outcome.get("alliance_cost_usd_m", view.solution.outcome["lead_cost_usd_m"])
        for view in views.values()
    )
    raisers = list(
        dict.fromkeys(actor for view in views.values() for actor in _raised(view).index[:_RAISERS])
    )
    for run, _ in found:
        if run.name not in views:
            rows.setdefault("Plan", {})[run.name] = "none"
            continue
        for label, text in _quantities(views[run.name], unit, raisers):
            rows.setdefault(label, {})[run.name] = text
    return list(rows.items())


def _raised(view: View) -> "pd.Series[float]":
    """Units that arrive, by the actors to which any do, most first."""
    arrived = view.owned.groupby("actor_id")["arrived_count"].sum()
    return arrived[arrived > 0].sort_values(ascending=False)


def _quantities(view: View, unit: MoneyUnit, raisers: Sequence[str]) -> list[tuple[str, str]]:
    outcome, word, money = view.solution.outcome, unit.word, unit.text
    cells = [
        (f"Cost and penalty of lead ({word})", money(outcome["objective_usd_m"])),
        (f"Lead actor's cost ({word})", money(outcome["lead_cost_usd_m"])),
        (f"Penalty ({word})", money(outcome["penalty_usd_m"])),
    ]
    if "allied_figures_withheld" in outcome:
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
    sites = view.sites.merge(site_places(view.problem)[["site_id", "theater_id"]], on="site_id")
    own = sites[sites["actor_id"] == view.lead].groupby("theater_id")["people_end"].sum()
    cells += [(f"Lead's people in {view.name('theaters', str(k))}", people(n)) for k, n in own.items()]
    short = view.rows("requirement_results").groupby("theater_id")["shortfall_points"].max()
    cells += [(f"Most missing in {view.name('theaters', str(k))}", count(n)) for k, n in short.items()]
    cells += list(holders_at_the_end(view.problem, view.solution).items())
    raised = _raised(view)
    cells += [
        (f"Units raised by {view.name('actors', actor)}", count(raised.get(actor, 0.0))) for actor in raisers
    ]
    needs = view.rows("requirement_results")
    if needs["price_usd_m_per_point"].gt(0).any():
        cells.append(("Prices", PRICES[outcome["price_kind"]].partition(":")[0]))
        prices = needs.groupby("theater_id")["price_usd_m_per_point"].max()
        cells += [(f"Highest price in {view.name('theaters', str(k))}", figure(n)) for k, n in prices.items()]
    return cells


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


def side_by_side(names: list[str], rows: list[tuple[str, dict[str, str]]], note: str) -> list[RenderableType]:
    """Tables of a few columns each, with a row for each quantity that one of the columns has.

    Where one table does not hold all runs, those that equal an earlier one in every row are only named, and what is
    the same in all runs is in the first table only.
    """
    alike: dict[tuple[str | None, ...], list[str]] = {}
    for run in names:
        column = tuple(cells.get(run) for _, cells in rows) if len(names) > _COLUMNS else (run,)
        alike.setdefault(column, []).append(run)
    columns = [first for first, *_ in alike.values()]
    parts: list[RenderableType] = []
    for start in range(0, len(columns), _COLUMNS):
        shown = columns[start : start + _COLUMNS]
        made = Table(name("Quantity"), *figures(*shown))
        for label, cells in rows:
            is_same = len({cells.get(run) for run in names}) == 1
            if not cells.keys().isdisjoint(shown) and not (start and is_same):
                made.add_row(label, *(cells.get(run, "") for run in shown))
        parts.append(section("Side by side", made))
    parts += [
        sentence(f"As {first} in every row: {', '.join(others)}.")
        for first, *others in alike.values()
        if others
    ]
    return [*parts, sentence(note)] if note else parts
