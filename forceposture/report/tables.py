"""Tables that never lose a name or a digit, however narrow the page.

Cells wrap between words. Words break only where one is too long for its column, and figures never. Where the columns
do not fit beside each other, the table is split into several, each beginning with the names of its rows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table as RichTable
from rich.text import Text

from forceposture.report.plain_text import plain

NARROWEST = 40
"""Characters of a line in which every table fits."""

_BETWEEN = 3
_EDGES = 2
_FIGURE = re.compile(r"\S*\d\S*")
_LONGEST_FIGURE = 24
_PROSE = 24


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        heading: over the column.
        is_name: part of what its rows are called: stands first, and again in each part of a split table.
        is_figure: holds figures, and ends at the right.
    """

    heading: str
    is_name: bool = False
    is_figure: bool = False


def name(heading: str) -> Column:
    """A column of what the rows are called."""
    return Column(heading, is_name=True)


def figures(*headings: str) -> list[Column]:
    """Columns of figures."""
    return [Column(heading, is_figure=True) for heading in headings]


def words(*headings: str) -> list[Column]:
    """Columns of words."""
    return [Column(heading) for heading in headings]


class Table:
    """A table, laid out when the width of the page is known; names come first among its columns."""

    def __init__(self, *columns: Column) -> None:
        self.columns = list(columns)
        self.rows: list[list[str]] = []
        self._ends: set[int] = set()

    def add_row(self, *cells: str) -> None:
        """Adds a row; its text is never markup."""
        self.rows.append([plain(cell) for cell in cells])

    def add_section(self) -> None:
        """Leaves a gap before the next row."""
        self._ends.add(len(self.rows))

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.laid_out(options.max_width)

    def laid_out(self, width: int) -> list[RichTable]:
        """The table in one part, or in as many as it takes to fit."""
        table = self._with_one_name() if self._names_are_too_wide(width) else self
        names = [place for place, column in enumerate(table.columns) if column.is_name]
        others = [place for place in range(len(table.columns)) if place not in names]
        parts: list[list[int]] = [[]]
        for place in others:
            if parts[-1] and not table._fits([*names, *parts[-1], place], width):
                parts.append([])
            parts[-1].append(place)
        return [table._part([*names, *part], width) for part in parts]

    def _names_are_too_wide(self, width: int) -> bool:
        names = [place for place, column in enumerate(self.columns) if column.is_name]
        figure = max((self._least(place, width) for place in range(len(names), len(self.columns))), default=0)
        least = sum(max(map(_longest_word, self._cells(place)), default=0) for place in names)
        return len(names) > 1 and least + figure + len(names) * _BETWEEN + _EDGES > width

    def _with_one_name(self) -> "Table":
        """The same table with what the rows are called in one column."""
        count = sum(column.is_name for column in self.columns)
        headings = [column.heading for column in self.columns[:count]]
        joined = Table(name(", ".join(headings)), *self.columns[count:])
        joined.rows = [[", ".join(filter(None, row[:count])), *row[count:]] for row in self.rows]
        joined._ends = self._ends
        return joined

    def _cells(self, place: int) -> list[str]:
        return [self.columns[place].heading, *(row[place] for row in self.rows)]

    def _natural(self, place: int) -> int:
        return max(map(cell_len, self._cells(place)))

    def _least(self, place: int, width: int) -> int:
        """The least width of a column: that of its longest figure, and of its longest word if that is not too long."""
        cells = self._cells(place)
        figure = max(map(_longest_figure, cells))
        word = max(map(_longest_word, cells))
        least = max(figure, min(word, (width - _EDGES - _BETWEEN) // 2))
        is_prose = not self.columns[place].is_figure and width > 2 * NARROWEST
        return max(least, min(self._natural(place), _PROSE)) if is_prose else least

    def _fits(self, places: Sequence[int], width: int) -> bool:
        least = sum(self._least(place, width) for place in places)
        return least + _BETWEEN * (len(places) - 1) + _EDGES <= width

    def _part(self, places: Sequence[int], width: int) -> RichTable:
        widths = self._widths(places, width)
        made = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
        for place, wide in zip(places, widths, strict=True):
            column = self.columns[place]
            heading = Text(plain(column.heading), justify="right" if column.is_figure else "left")
            made.add_column(heading, width=wide, justify=heading.justify or "left", overflow="fold")
        for number, row in enumerate(self.rows):
            if number in self._ends:
                made.add_section()
            made.add_row(*(Text(row[place]) for place in places))
        return made

    def _widths(self, places: Sequence[int], width: int) -> list[int]:
        """The least of each column, and what is left for those that would like more, figures first."""
        widths = {place: self._least(place, width) for place in places}
        left = width - _BETWEEN * (len(places) - 1) - _EDGES - sum(widths.values())
        widths[places[0]] += min(left, 0)
        for is_figure in (True, False):
            wanting = [place for place in places if self.columns[place].is_figure == is_figure]
            wanting.sort(key=lambda place: self._natural(place) - widths[place])
            for number, place in enumerate(wanting):
                more = min(self._natural(place) - widths[place], max(left, 0) // (len(wanting) - number))
                widths[place] += more
                left -= more
        return [widths[place] for place in places]


def section(title: str, made: Table, *notes: str) -> Group:
    """A table with a title above it and notes below."""
    return Group(Text(plain(title), style="bold"), made, *map(sentence, notes))


def sentence(text: str) -> Text:
    """A sentence, which wraps between words."""
    return Text(plain(text))


def _longest_word(cell: str) -> int:
    return max(map(cell_len, cell.split()), default=0)


def _longest_figure(cell: str) -> int:
    found = [word for word in _FIGURE.findall(cell) if cell_len(word) <= _LONGEST_FIGURE]
    return max(map(cell_len, found), default=0)
