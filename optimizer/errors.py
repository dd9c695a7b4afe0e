"""What can go wrong, said so that a planner can mend it.

``PostureError`` is the root: ``ProblemError`` for input that cannot be solved as it stands, ``SolverError``
for a solver that failed. That no plan exists is a result, not an error; ``NeverHoldsError`` says so while the model
is compiled, and a solve makes a result of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

CODES: dict[str, str] = {
    "CASE_NOT_FOUND": "There is no shipped case, folder, file or alternative of that name.",
    "CASE_UNREADABLE": "A file of the case cannot be read as what its name says it is.",
    "CASE_UNSAFE": "A file is larger, deeper or of another kind than a case needs; it was not read further.",
    "TABLE_UNKNOWN": "No table has that name.",
    "TABLE_DUPLICATE": "A table is given twice.",
    "TABLE_MISSING": "A table that every problem needs is absent or empty.",
    "COLUMN_UNKNOWN": "The table has no column of that name.",
    "COLUMN_MISSING": "A column that the table needs is absent.",
    "COLUMN_DUPLICATE": "A column is given twice.",
    "VALUE_MISSING": "A cell that must be filled is empty.",
    "VALUE_TYPE": "A cell holds something of another type than its column.",
    "VALUE_NOT_FINITE": "A number is NaN or infinite.",
    "VALUE_RANGE": "A number is outside the range of its column.",
    "VALUE_CHOICE": "A word is none of those the column allows.",
    "KEY_DUPLICATE": "Two rows have the same key.",
    "KEY_UNSAFE": "An identifier holds a character that names of rows cannot.",
    "REFERENCE_UNKNOWN": "A cell names a row of another table that is not there.",
    "FIRST_YEAR_MISSING": "What varies by year has no value in or before the first year that needs it.",
    "PERIODS_UNCLEAR": "Which years are planned is not said, or is said in two ways.",
    "GROUP_CYCLE": "A group of sites contains itself.",
    "MODE_MISPLACED": "A mode is used where it has no meaning.",
    "MODE_NOT_ALLOWED": "Units stand today in a mode, or at a site, that the tables forbid.",
    "PHASE_MISPLACED": "A phase is used where one of its kind has no meaning.",
    "ACCESS_UNUSABLE": "A site is open today, or has room, for an actor none of whose units can be there.",
    "SITE_OVERFULL": "More people or units stand at a site today than it may hold.",
    "MONEY_YEAR_MIXED": "Money of another year or currency has no conversion to the base year.",
    "CONVERSION_MISMATCH": "A converted figure is not its original times the factor.",
    "CONVERSION_UNCLEAR": "Units are converted into what they are.",
    "OTHER_SPENDING_UNKNOWN": "A ceiling or ramp cannot bind: spending on what is not modeled is not known.",
    "OTHER_SPENDING_NEGATIVE": "Today's modeled forces cost more than the actor is said to spend.",
    "OWNED_TOO_FEW": "More units are stationed or reserved today than are owned.",
    "SUPPORT_UNCLEAR": "Nobody gives a kind of support that units need, or it is unclear who shares support.",
    "REQUIREMENT_UNCLEAR": "A requirement gives both or neither of its two forms, or a least part above the most.",
    "REQUIREMENT_MISPLACED": "A requirement is in a theater that its scenario does not include.",
    "RESPONSE_UNCLEAR": "An ally's response lacks its reference, or answers a presence without limit.",
    "BILL_UNCLEAR": "A bill is paid for troops that are not there, by the lead actor, or cannot be reached.",
    "COMMAND_UNCLEAR": "A command lacks its holder of today, or two change the effect of the same units.",
    "NUCLEAR_UNCLEAR": "A threatened ally lacks its one option of today, or a reduction its option or need.",
    "EXPOSURE_IMPOSSIBLE": "Commands and umbrellas alone expose the lead actor more than is borne.",
    "REQUIREMENT_UNREACHABLE": "No unit of anybody can meet a requirement, and its shortfall has no price.",
    "WEIGHTS_MISSING": "Shortfalls are averaged, but no scenario with a need has a weight.",
    "SITE_WITHOUT_LIMIT": "A site that costs something to open has no limit on its people.",
    "GARRISON_IMPOSSIBLE": "A garrison, or an actor's share of it, cannot be supplied.",
    "RULE_UNCLEAR": "A policy rule lacks a selector that its quantity needs, or has one it cannot use.",
    "RULE_WITHOUT_BOUND": "One of two rules of which one may hold measures something that nothing limits.",
    "OBJECTIVE_UNCLEAR": "An objective is asked for that the tables cannot give a value.",
    "LEVER_UNKNOWN": "A freed lever names something that is no such lever.",
    "PROGRAM_IMPOSSIBLE": "A program asks for more units than can be owned by then.",
    "PRESENCE_UNCLEAR": "A path of presence has no site, or only a part of it is freed.",
    "QUESTION_POINTLESS": "A question asks about something that the case does not have.",
    "QUESTION_CONFLICT": "An option asks for something that the question sets itself, or cannot use.",
    "CHANGE_UNREADABLE": "A change says nothing that can be done: its text, its selector or its operation is wrong.",
    "CHANGE_POINTLESS": "A change chooses no row, no planned year, or only cells that stay empty.",
    "CHANGE_CONFLICT": "Two changes contradict each other, or what they give would depend on their order.",
    "MODEL_TOO_LARGE": "The model would be larger than this machine or service allows.",
    "FIGURE_SUSPICIOUS": "A warning: a figure is about a thousandfold off its like or its source.",
    "LIMIT_IGNORED": "A warning: a limit of a group of sites is ignored, since its lever is locked.",
    "YEAR_UNSEEN": "A warning: a figure of a year inside a period has no effect, since a later one replaces it.",
    "ALREADY_SO": "A warning: an alternative asks for what its baseline's plan does anyway, or frees what stays.",
}
"""Stable codes of findings and what each means."""

WARNINGS = {"FIGURE_SUSPICIOUS", "LIMIT_IGNORED", "YEAR_UNSEEN", "ALREADY_SO"}
"""Codes of findings that stop nothing."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a problem: what, where, and what to do.

    Attributes:
        code: a key of ``CODES``.
        table_name: the table; empty for the whole case.
        row_key: the row's key columns joined by "/"; empty for the whole table.
        column_name: the column; empty for the whole row.
        value: the value found, as text.
        message: what is wrong.
        fix: what to do.
    """

    code: str
    table_name: str
    row_key: str
    column_name: str
    value: str
    message: str
    fix: str

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"{self.code} is no code of the catalogue")

    @property
    def severity(self) -> Literal["error", "warning"]:
        """Whether the problem cannot be solved as it stands, or only may not be what was meant."""
        return "warning" if self.code in WARNINGS else "error"

    @property
    def path(self) -> str:
        """Where the finding is, such as ``sites[POL_ORZYSZ].capacity_persons``."""
        row = f"[{self.row_key}]" if self.row_key else ""
        column = f".{self.column_name}" if self.column_name else ""
        return f"{self.table_name}{row}{column}"

    def __str__(self) -> str:
        found = f" (found {self.value!r})" if self.value else ""
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.message}{found}. {self.fix} [{self.code}]"


class PostureError(Exception):
    """Root of this software's errors."""


class ProblemError(PostureError):
    """A problem that cannot be solved as it stands.

    Attributes:
        findings: everything found, in the order of the tables.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        count = len(self.findings)
        heading = f"{count} finding{'s' if count != 1 else ''}"
        super().__init__("\n".join([heading, *map(str, self.findings)]))


class SolverError(PostureError):
    """The solver refused its input or failed."""


class NeverHoldsError(PostureError):
    """A row of the model that holds no variable, so that no plan can keep it.

    Attributes:
        block: name of its rule.
        key: its names.
    """

    def __init__(self, block: str, key: Sequence[str]) -> None:
        self.block, self.key = block, tuple(map(str, key))
        super().__init__(f"{block}[{','.join(self.key)}] can never hold")
