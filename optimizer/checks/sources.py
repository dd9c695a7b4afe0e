"""Sources: what they refer to, and whether converted figures are what they were converted from."""

import pandas as pd

from optimizer.checks.rows import row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES
from optimizer.tables.typed_tables import nearest

_MOST_DEVIATION = 0.005
_KEY = ["table_name", "row_key", "column_name"]


def check(problem: Problem) -> list[Finding]:
    """Findings about sources; ``problem`` is as it was given."""
    return [*_unknown_places(problem), *_incomplete(problem), *_conversions(problem)]


def _unknown_places(problem: Problem) -> list[Finding]:
    findings = []
    for name, rows in problem["sources"].groupby("table_name"):
        table = PROBLEM_TABLES.get(str(name))
        if table is None:
            message, fix = "no table has that name", nearest(str(name), PROBLEM_TABLES)
            findings += row_findings("TABLE_UNKNOWN", "sources", rows, "table_name", message, _literal(fix))
            continue
        for column, named in rows[~rows["column_name"].isin(table.by_name)].groupby("column_name"):
            message, fix = "{table_name} has no such column", nearest(str(column), table.by_name)
            findings += row_findings(
                "COLUMN_UNKNOWN", "sources", named, "column_name", message, _literal(fix)
            )
        keys = set(table.row_keys(problem[table.name]))
        prefixes = {key[:-1] for key in rows["row_key"].unique() if key.endswith("*")}
        used = {prefix for prefix in prefixes if any(key.startswith(prefix) for key in keys)}
        known = keys | {f"{prefix}*" for prefix in used}
        findings += row_findings(
            "REFERENCE_UNKNOWN",
            "sources",
            rows[~rows["row_key"].isin(known)],
            "row_key",
            "{table_name} has no row of that key",
            'Join the row\'s key columns by "/", end a prefix in "*", or remove the source.',
        )
    return findings


def _incomplete(problem: Problem) -> list[Finding]:
    rows = problem["sources"]
    findings = []
    for given, needed in (
        ("original_currency", "original_year"),
        ("original_year", "original_currency"),
        ("original_currency", "original_value"),
    ):
        findings += row_findings(
            "VALUE_MISSING",
            "sources",
            rows[rows[given].notna() & rows[needed].isna()],
            needed,
            f"{given} is given without {needed}",
            "Fill both or neither.",
        )
    findings += row_findings(
        "VALUE_RANGE",
        "sources",
        rows[rows["low"] > rows["high"]],
        "low",
        "the lowest value is above the highest, {high}",
        "Exchange or correct them.",
    )
    money = _with_factors(problem)
    return findings + row_findings(
        "MONEY_YEAR_MIXED",
        "sources",
        money[money["base_year_usd"].isna()],
        "original_year",
        "money_conversions has no factor from {original_currency} of {original_year}",
        "Add the row {original_currency}/{original_year} to money_conversions.",
    )


def _conversions(problem: Problem) -> list[Finding]:
    rows = _with_factors(problem)
    rows = rows[rows["base_year_usd"].notna() & rows["original_value"].notna()]
    rows = rows.assign(converted=rows["original_value"] * rows["base_year_usd"])
    findings = []
    for (name, column), named in rows.groupby(["table_name", "column_name"]):
        table = PROBLEM_TABLES.get(str(name))
        if table is None or column not in table.by_name or table.by_name[str(column)].type != "number":
            continue
        frame = problem[table.name]
        cells = pd.Series(frame[str(column)].to_numpy(), index=table.row_keys(frame).to_numpy())
        named = named.assign(cell=named["row_key"].map(cells))
        deviation = (named["cell"] - named["converted"]).abs()
        findings += row_findings(
            "CONVERSION_MISMATCH",
            "sources",
            named[deviation > _MOST_DEVIATION * named["converted"].abs()],
            "original_value",
            "the table has {cell}, but {original_value} times the factor {base_year_usd} is {converted}",
            "Correct the figure in {table_name}, its original, or the factor.",
        )
    return findings


def _with_factors(problem: Problem) -> pd.DataFrame:
    """Sources of converted money with base_year_usd; empty where there is no factor."""
    rows = problem["sources"]
    rows = rows[rows["original_currency"].notna() & rows["original_year"].notna()]
    factors = problem["money_conversions"].rename(
        columns={"currency": "original_currency", "year": "original_year"}
    )
    columns = ["original_currency", "original_year", "base_year_usd"]
    return rows.merge(factors[columns], on=columns[:2], how="left")


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
