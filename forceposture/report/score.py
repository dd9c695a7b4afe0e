"""How today's posture stands, as text and tables: who pays what a year, which needs are met, which rules are broken."""

import math

import pandas as pd
from rich.console import RenderableType
from rich.text import Text

from forceposture.report.numbers import NOTHING, count, figure, money_unit, share
from forceposture.report.plain_text import plain
from forceposture.report.tables import Table, figures, name, section, sentence, words
from optimizer.tables.defaults import complete
from optimizer.tables.names import names
from optimizer.tables.problem import Problem
from optimizer.tables.score import Score

_PAYER_ROWS = 8
_MISSED_ROWS = 20
_COSTS = {
    "Own": ["own_usd_m", "sets_usd_m"],
    "Basing": ["stationing_usd_m", "sites_usd_m", "housing_usd_m"],
    "Command": ["command_usd_m"],
    "Nuclear": ["nuclear_usd_m"],
    "Bills": ["bills_usd_m"],
    "Modeled": ["modeled_usd_m"],
    "Other": ["other_spending_usd_m"],
    "All": ["spending_usd_m"],
}


class _Scored:
    """A score beside its problem."""

    def __init__(self, problem: Problem, score: Score) -> None:
        self.problem = complete(problem).problem
        self.score = score
        self.lead = str(problem.settings["lead_actor_id"])
        self._names = {
            table: names(self.problem, table)
            for table in ("actors", "theaters", "phases", "scenarios", "capabilities")
        }
        needs = score.tables["need_scores"]
        self.needs = needs[needs["needed_points"] > NOTHING]
        self.missed = self.needs[self.needs["missing_points"] > NOTHING]

    def name(self, table: str, identifier: object) -> str:
        return self._names[table].get(str(identifier), str(identifier))

    def place(self, row: pd.Series, *tables: str) -> str:
        """The names of a need's parts, in the order of the tables."""
        columns = {
            "theaters": "theater_id",
            "phases": "phase_id",
            "scenarios": "scenario_id",
            "capabilities": "capability_id",
        }
        return ", ".join(self.name(table, row[columns[table]]) for table in tables)


def score_summary(problem: Problem, score: Score) -> list[RenderableType]:
    """The parts of a summary of a score, in their order.

    Args:
        problem: the problem as it was given.
        score: how its posture of today stands.
    """
    scored = _Scored(problem, score)
    sections = [
        _headline(scored),
        _payers(scored),
        _needs(scored),
        _missed(scored),
        _lead_part(scored),
        _rules(scored),
    ]
    parts: list[RenderableType] = []
    for found in sections:
        parts += [Text(), *found] if parts and found else found
    return parts


def _headline(scored: _Scored) -> list[RenderableType]:
    settings = scored.problem.settings
    year = scored.problem.years[0]
    title = f"{settings['title'] or 'Untitled case'}: today's posture, kept as it is"
    basis = (
        f"Problem {scored.score.problem_digest[:8]}; needs, rules and costs of {year}, in real dollars of "
        f"{settings['money_base_year']}. Only deployments are optimized. Nothing on order has arrived."
    )
    parts: list[RenderableType] = [Text(plain(title), style="bold"), sentence(basis)]
    if scored.score.audit_findings:
        parts.append(Text("This score FAILS its audit: do not use it.", style="bold red"))
        parts += [sentence(f"  {finding}") for finding in scored.score.audit_findings]
    return [*parts, sentence(_in_short(scored))]


def _in_short(scored: _Scored) -> str:
    if scored.needs.empty:
        return "No requirement asks for anything."
    met = len(scored.needs) - len(scored.missed)
    return f"{met:,} of {len(scored.needs):,} needs are met, {_rules_in_short(scored)}."


def _rules_in_short(scored: _Scored) -> str:
    broken = len(scored.score.tables["broken_rules"])
    if broken == 0:
        return "and every rule is kept"
    return f"and {broken:,} {'rule is' if broken == 1 else 'rules are'} broken"


def _payers(scored: _Scored) -> list[RenderableType]:
    rows = scored.score.tables["actor_costs"].set_index("actor_id")
    if rows.empty:
        return [sentence("Today's posture costs nobody anything.")]
    costs = pd.DataFrame({label: rows[columns].sum(axis="columns") for label, columns in _COSTS.items()})
    costs["All"] = costs["All"].where(rows["spending_usd_m"].notna(), costs["Modeled"])
    unit = money_unit(costs["All"])
    used = [label for label in _COSTS if (costs[label].abs() > unit.nothing_usd_m).any()]
    made = Table(name("Payer"), *figures(*used, "% of GDP"))
    allies = costs[costs.index != scored.lead].sort_values("All", ascending=False, kind="stable")
    shown = [scored.lead] * (scored.lead in costs.index) + list(allies.index[:_PAYER_ROWS])
    for actor in shown:
        part = float(rows["spending_fraction"][actor])
        of_gdp = "" if math.isnan(part) else f"{part * 100:.2f}"
        cells = [unit.text(float(costs[label][actor])) for label in used]
        made.add_row(scored.name("actors", actor), *cells, of_gdp)
    rest = allies.iloc[_PAYER_ROWS:]
    if len(rest):
        label = "1 other ally" if len(rest) == 1 else f"{len(rest)} other allies"
        made.add_row(label, *(unit.text(float(rest[column].sum())) for column in used), "")
    made.add_section()
    made.add_row("All", *(unit.text(float(costs[column].sum())) for column in used), "")
    notes = ["Own: units and sets of equipment. Basing: stationing people, keeping sites open and room."]
    if "Bills" in used:
        notes.append("Bills: what allies pay to the lead actor for its troops.")
    notes.append("Modeled: the columns before it. Other: spending that is not modeled. All: both.")
    return [section(f"What today's posture costs a year ({unit.word})", made, *notes)]


def _needs(scored: _Scored) -> list[RenderableType]:
    if scored.needs.empty:
        return []
    made = Table(name("Theater"), name("Phase"), *figures("Met", "Margin"), *words("Tightest"))
    phases = scored.problem["phases"].sort_values(["days", "kind", "phase_id"])["phase_id"]
    order = {phase: place for place, phase in enumerate(phases)}
    rows = scored.needs.assign(order=scored.needs["phase_id"].map(order).astype("int64"))
    before = None
    for (theater, _), group in rows.groupby(["theater_id", "order"]):
        tightest = group.sort_values(["margin_fraction", "needed_points"], ascending=[True, False]).iloc[0]
        met = int((group["missing_points"] <= NOTHING).sum())
        if before not in (None, theater):
            made.add_section()
        before = theater
        made.add_row(
            scored.name("theaters", theater),
            scored.name("phases", tightest["phase_id"]),
            f"{met}/{len(group)}",
            margin_text(tightest["margin_fraction"]),
            scored.place(tightest, "capabilities", "scenarios"),
        )
    return [
        section(
            "Needs by theater and phase",
            made,
            "Margin: by how much a need could grow, all others of its scenario as well met as they are; of the "
            "tightest need of the row.",
        )
    ]


def _missed(scored: _Scored) -> list[RenderableType]:
    if scored.missed.empty:
        return []
    rows = scored.missed.assign(part=scored.missed["missing_points"] / scored.missed["needed_points"])
    rows = rows.sort_values(["part", "missing_points"], ascending=False, kind="stable")
    made = Table(
        name("Theater"),
        name("Capability"),
        *words("Phase", "Scenario"),
        *figures("Needed", "Missing", "Margin"),
    )
    for _, row in rows.iloc[:_MISSED_ROWS].iterrows():
        made.add_row(
            *(scored.place(row, table) for table in ("theaters", "capabilities", "phases", "scenarios")),
            figure(row["needed_points"]),
            figure(row["missing_points"]),
            margin_text(row["margin_fraction"]),
        )
    rest = len(rows) - _MISSED_ROWS
    notes = [f"And {rest:,} more; need_scores.csv has all."] if rest > 0 else []
    return [section("Needs that today's posture misses (points)", made, *notes)]


def _lead_part(scored: _Scored) -> list[RenderableType]:
    """By theater, how many needs the lead actor must help to meet, and the one of which it must bring most."""
    rows = scored.needs.assign(least=scored.needs["least_lead_points"] / scored.needs["needed_points"])
    lead = scored.name("actors", scored.lead)
    if not (rows["most_points"] > NOTHING).any():
        return []
    if not (rows["least_lead_points"] > NOTHING).any():
        return [sentence("Allies alone can keep each need as well met as it is.")]
    made = Table(name("Theater"), *figures("Needs", "Part", "At least", "Can bring"), *words("Of"))
    for theater, group in rows.groupby("theater_id"):
        taking = group[group["least_lead_points"] > NOTHING]
        if taking.empty:
            continue
        top = taking.sort_values(["least", "needed_points"], ascending=False, kind="stable").iloc[0]
        made.add_row(
            scored.name("theaters", theater),
            f"{len(taking)}/{len(group)}",
            share(float(top["least"])),
            count(top["least_lead_points"]),
            count(top["most_lead_points"]),
            f"{figure(top['needed_points'])} in {scored.place(top, 'capabilities', 'phases', 'scenarios')}",
        )
    return [
        section(
            f"What only {lead} brings, allies doing all they can",
            made,
            "Needs: how many would be missed, or missed by more, without it. Then the need of which it must bring the "
            "greatest part, in points.",
        )
    ]


def _rules(scored: _Scored) -> list[RenderableType]:
    rows = scored.score.tables["broken_rules"]
    if rows.empty:
        return []
    made = Table(name("Rule"), *figures("Has", "Should be", "Off by"))
    for row in rows.to_dict("records"):
        is_low = row["has"] < row["bound"]
        bound = f"{'≥' if is_low else '≤'} {figure(row['bound'])}"
        made.add_row(row["sentence"], figure(row["has"]), bound, figure(row["off_by"]))
    return [section("Rules that today's posture breaks", made)]


def margin_text(margin: float) -> str:
    """A margin in percent with its sign; only none at all is 0%."""
    if pd.isna(margin):
        return ""
    if abs(margin) <= NOTHING:
        return "0%"
    if abs(margin) < 0.005:
        return "<+1%" if margin > 0 else ">-1%"
    return f"{margin:+,.0%}"
