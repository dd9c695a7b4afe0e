"""A change: which cells or rows of a table become what, and why."""

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from forceposture.v1 import change_pb2
from optimizer.errors import Finding
from optimizer.tables.choices import message_of_words, words_of_message

EMPTY = "(empty)"
"""The value that empties a cell."""


class Operation(StrEnum):
    """What a change does to the cells or rows that it chooses."""

    SET = "SET"
    MULTIPLY = "MULTIPLY"
    DIVIDE = "DIVIDE"
    ADD = "ADD"
    SUBTRACT = "SUBTRACT"
    ADD_ROW = "ADD_ROW"
    DELETE_ROW = "DELETE_ROW"


SIGNS = {
    "=": Operation.SET,
    "*=": Operation.MULTIPLY,
    "/=": Operation.DIVIDE,
    "+=": Operation.ADD,
    "-=": Operation.SUBTRACT,
}
"""By sign in a change's text, what it does to cells."""

_SIGN_OF = {operation: sign for sign, operation in SIGNS.items()}
_PLAIN = re.compile(r"[A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*")
_PLAIN_VALUE = re.compile(r"[^\s\"](?:[^\n\r\t]*[^\s])?")


@dataclass(frozen=True)
class Change:
    """A change of a problem, and a row of the table ``changes``.

    Attributes:
        table_name: the table that is changed.
        operation: what is done.
        selector: which of its rows, as ``selectors.parsed_selector`` reads it; empty for all.
        column_name: the column; empty where rows are added or go.
        value: by what, as text; where a row is added, its cells, as ``expressions.cells_of_text`` reads them.
        sentence: why, for people.
        origin: where it is written, as findings name it; no part of what the change is.
    """

    table_name: str
    operation: Operation
    selector: str = ""
    column_name: str = ""
    value: str = ""
    sentence: str = ""
    origin: str = field(default="", compare=False)

    def __str__(self) -> str:
        """The change as ``expressions.change_of_text`` reads it, without its sentence."""
        rows = f"{self.table_name}[{self.selector}]" if self.selector else self.table_name
        if self.operation is Operation.DELETE_ROW:
            return f"delete {rows}"
        if self.operation is Operation.ADD_ROW:
            return f"add {rows}: {self.value}" if self.value else f"add {rows}"
        value = self.value if _PLAIN_VALUE.fullmatch(self.value) else quoted(self.value)
        return f"{rows}.{self.column_name} {_SIGN_OF[self.operation]} {value}"

    def finding(
        self, code: str, message: str, fix: str, value: str = "", column: str | None = None
    ) -> Finding:
        """A finding about the change, which names where it is written."""
        where = f"{self.origin}: " if self.origin else ""
        column = self.column_name if column is None else column
        return Finding(code, self.table_name, self.selector, column, value[:80], f"{where}{message}", fix)


def quoted(text: str) -> str:
    """The text in double quotes, with the escapes of JSON."""
    return json.dumps(text, ensure_ascii=False)


def word(text: str) -> str:
    """A text as it stands in a selector or in the cells of a row, in quotes where it must."""
    return text if _PLAIN.fullmatch(text) else quoted(text)


def cell_text(cell: str | bool | int | float) -> str:
    """A plain cell as the text of a value, from which the same cell is read."""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def message_of_change(change: Change) -> change_pb2.Change:
    """The message of a change."""
    names = ("table_name", "selector", "column_name", "operation", "value", "sentence")
    fields: dict[str, Any] = {name: str(getattr(change, name)) for name in names if getattr(change, name)}
    return message_of_words(change_pb2.Change, fields)


def change_of_message(message: change_pb2.Change) -> Change | Finding:
    """The change of a message; a finding where it does not say what is done."""
    fields = words_of_message(message)
    word = fields.pop("operation", "")
    if word not in Operation.__members__:
        fix = f"Give one of {', '.join(Operation)}."
        text = "the change does not say what is done"
        table = fields.get("table_name", "")
        return Finding("CHANGE_UNREADABLE", table, fields.get("selector", ""), "", word, text, fix)
    return Change(operation=Operation(word), **{"table_name": "", **fields})
