"""Whether the log of the search can be one: it only gets better, and ends where the plan is."""

import pandas as pd

from optimizer.audit.comparison import OBJECTIVE, said
from optimizer.audit.plan import Plan
from optimizer.tables.schema import SOLUTION_TABLES

_ROW = "search_steps: {step_number}: "


def search_steps(plan: Plan) -> list[str]:
    """Findings about the table search_steps."""
    table = SOLUTION_TABLES["search_steps"]
    rows = table.typed(plan.tables["search_steps"]).sort_values("step_number", ignore_index=True)
    if rows.empty:
        return []
    results = SOLUTION_TABLES["objective_results"].typed(plan.tables["objective_results"])
    first = results[results["order_number"] == 1].head(1)
    rows["place"] = range(1, len(rows) + 1)
    rows = rows.assign(end_bound=first["best_bound"].max(), end_value=first["value"].max())
    values = rows["best_value"].ffill()
    is_lost = rows["best_value"].isna() & values.notna()
    findings = said(rows[rows["step_number"] != rows["place"]], _ROW + "it is the step in place {place}")
    findings += said(rows[rows["step_source"].str.strip() == ""], _ROW + "nothing is said to have brought it")
    findings += said(rows[is_lost], _ROW + "the plan before it is lost")
    for broken, words in (
        (_above(rows["elapsed_seconds"].shift(), rows["elapsed_seconds"]), "earlier than the step before"),
        (
            _above(rows["best_bound"].shift(), rows["best_bound"]),
            "a bound of {best_bound}, below the one before",
        ),
        (_above(values, values.shift()), "a plan of {best_value}, worse than the one before"),
        (_above(rows["best_bound"], values), "a bound of {best_bound} above a plan of {best_value}"),
        (
            _above(rows["best_bound"], rows["end_bound"]),
            "a bound of {best_bound}, above {end_bound} at the end",
        ),
        (_above(rows["end_value"], values), "a plan of {best_value}, better than {end_value} at the end"),
    ):
        findings += said(rows[broken], _ROW + words)
    return findings


def _above(left: pd.Series, right: pd.Series) -> pd.Series:
    """Whether left is above right by more than an objective may be off; an empty side is not compared."""
    return left - right > OBJECTIVE * right.abs().clip(lower=1.0)
