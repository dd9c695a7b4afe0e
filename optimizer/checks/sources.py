"""Sources: what they refer to, and whether converted figures are what they were converted from."""

from collections.abc import Iterable

from optimizer.checks.rows import grouped, is_above, row_findings
from optimizer.errors import Finding
from optimizer.tables.problem import Problem, Row
from optimizer.tables.schema import PROBLEM_TABLES, Table
from optimizer.tables.typed_tables import nearest

_MOST_DEVIATION = 0.005


def check(problem: Problem) -> list[Finding]:
    """Findings about sources; ``problem`` is as it was given."""
    return [*_unknown_places(problem), *_incomplete(problem), *_conversions(problem)]


def _unknown_places(problem: Problem) -> list[Finding]:
    findings = []
    for name, rows in _sorted_groups(problem.rows("sources"), "table_name"):
        table = PROBLEM_TABLES.get(name)
        if table is None:
            message, fix = "no table has that name", nearest(name, PROBLEM_TABLES)
            findings += row_findings("TABLE_UNKNOWN", "sources", rows, "table_name", message, _literal(fix))
            continue
        misplaced = [row for row in rows if row["column_name"] not in table.by_name]
        for column, named in _sorted_groups(misplaced, "column_name"):
            message, fix = "{table_name} has no such column", nearest(column, table.by_name)
            findings += row_findings(
                "COLUMN_UNKNOWN", "sources", named, "column_name", message, _literal(fix)
            )
        keys = _by_key(problem, table).keys()
        findings += row_findings(
            "REFERENCE_UNKNOWN",
            "sources",
            [row for row in rows if row["row_key"] not in keys and not _is_prefix(row["row_key"], keys)],
            "row_key",
            "{table_name} has no row of that key",
            'Join the row\'s key columns by "/", end a prefix in "*", or remove the source.',
        )
    return findings


def _is_prefix(key: str, keys: Iterable[str]) -> bool:
    """Whether a key that ends in "*" stands for one of the keys."""
    return key.endswith("*") and any(other.startswith(key[:-1]) for other in keys)


def _incomplete(problem: Problem) -> list[Finding]:
    rows = problem.rows("sources")
    findings = []
    for given, needed in (
        ("original_currency", "original_year"),
        ("original_year", "original_currency"),
        ("original_currency", "original_value"),
    ):
        findings += row_findings(
            "VALUE_MISSING",
            "sources",
            [row for row in rows if row[given] is not None and row[needed] is None],
            needed,
            f"{given} is given without {needed}",
            "Fill both or neither.",
        )
    findings += row_findings(
        "VALUE_RANGE",
        "sources",
        [row for row in rows if is_above(row["low"], row["high"])],
        "low",
        "the lowest value is above the highest, {high}",
        "Exchange or correct them.",
    )
    return findings + row_findings(
        "MONEY_YEAR_MIXED",
        "sources",
        [row for row in _with_factors(problem) if row["base_year_usd"] is None],
        "original_year",
        "money_conversions has no factor from {original_currency} of {original_year}",
        "Add the row {original_currency}/{original_year} to money_conversions.",
    )


def _conversions(problem: Problem) -> list[Finding]:
    """Figures that are not their originals times the factor, table by table and column by column."""
    converted = [
        {**row, "converted": row["original_value"] * row["base_year_usd"]}
        for row in _with_factors(problem)
        if row["base_year_usd"] is not None and row["original_value"] is not None
    ]
    findings = []
    for name, rows in _sorted_groups(converted, "table_name"):
        table = PROBLEM_TABLES.get(name)
        if table is None:
            continue
        keyed = _by_key(problem, table)
        for column, named in _sorted_groups(rows, "column_name"):
            if column not in table.by_name or table.by_name[column].type != "number":
                continue
            compared = [{**row, "cell": keyed.get(row["row_key"], {}).get(column)} for row in named]
            findings += row_findings(
                "CONVERSION_MISMATCH",
                "sources",
                [row for row in compared if row["cell"] is not None and _deviates(row)],
                "original_value",
                "the table has {cell}, but {original_value} times the factor {base_year_usd} is {converted}",
                "Correct the figure in {table_name}, its original, or the factor.",
            )
    return findings


def _deviates(row: Row) -> bool:
    return bool(abs(row["cell"] - row["converted"]) > _MOST_DEVIATION * abs(row["converted"]))


def _with_factors(problem: Problem) -> list[Row]:
    """Sources of converted money with base_year_usd; None where there is no factor."""
    factors = {
        (row["currency"], row["year"]): row["base_year_usd"] for row in problem.rows("money_conversions")
    }
    return [
        {**row, "base_year_usd": factors.get((row["original_currency"], row["original_year"]))}
        for row in problem.rows("sources")
        if row["original_currency"] is not None and row["original_year"] is not None
    ]


def _by_key(problem: Problem, table: Table) -> dict[str, Row]:
    """The rows of a table by their keys, as sources name them."""
    return {table.key_of(row): row for row in problem.rows(table.name)}


def _sorted_groups(rows: list[Row], column: str) -> list[tuple[str, list[Row]]]:
    """Rows by what they have in a column, sorted by it."""
    return sorted(grouped(rows, column).items())


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
