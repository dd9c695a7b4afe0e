"""Findings that only follow from others: mended with them, so not worth a planner's time."""

from collections.abc import Sequence

from optimizer.errors import Finding
from optimizer.tables.schema import PROBLEM_TABLES

_UNREAD = {"CASE_UNREADABLE", "CASE_UNSAFE", "TABLE_DUPLICATE", "TABLE_MISSING", "TABLE_UNKNOWN"}
_OF_HEADERS = {"COLUMN_UNKNOWN", "COLUMN_MISSING", "COLUMN_DUPLICATE"}


def without_consequences(findings: Sequence[Finding]) -> list[Finding]:
    """The findings, without those that only follow from another of them.

    A table that could not be read is not missed, and rows that refer to it are not blamed. Nor are rows that
    refer to a column with a finding of its own, and a column whose name is misspelt is not missed.
    """
    unread = {_meant_table(finding) for finding in findings if finding.code in _UNREAD}
    headers = {finding.table_name for finding in findings if finding.code in _OF_HEADERS}
    cells = {(f.table_name, f.column_name) for f in findings if f.code != "REFERENCE_UNKNOWN"}
    misspelt = {
        (finding.table_name, _suggested(finding)) for finding in findings if finding.code == "COLUMN_UNKNOWN"
    }

    def follows(finding: Finding) -> bool:
        table = PROBLEM_TABLES.get(finding.table_name)
        if finding.code == "TABLE_MISSING":
            others = {_meant_table(each) for each in findings if each.code in _UNREAD - {"TABLE_MISSING"}}
            return finding.table_name in others | headers or "" in others
        if finding.code == "COLUMN_MISSING":
            return (finding.table_name, finding.column_name) in misspelt
        if finding.code == "REFERENCE_UNKNOWN" and table is not None and finding.column_name in table.by_name:
            references = table.by_name[finding.column_name].references
            return "" in unread or any(
                name in unread | headers or (name, column) in cells for name, column in references
            )
        return False

    return [finding for finding in findings if not follows(finding)]


def _meant_table(finding: Finding) -> str:
    """The table that a finding about a whole file is about, spelt right where the name is not."""
    suggested = _suggested(finding)
    return suggested if finding.code == "TABLE_UNKNOWN" and suggested else finding.table_name


def _suggested(finding: Finding) -> str:
    """The name in the fix "Did you mean NAME?"; empty if there is none."""
    beginning = "Did you mean "
    return finding.fix[len(beginning) : -1] if finding.fix.startswith(beginning) else ""
