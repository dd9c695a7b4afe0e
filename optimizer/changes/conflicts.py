"""Changes that contradict each other, or of which the order would matter."""

from collections import defaultdict

from optimizer.changes.attributes import ANY_ROW
from optimizer.changes.choices import Choice, TableMade
from optimizer.changes.lookups import Lookup
from optimizer.changes.selectors import Condition
from optimizer.changes.years import CARRIED, Key, by_group, holds_in


def find_conflicts(choice: Choice) -> None:
    """Notes conflicts about which rows are chosen, added and carried on; those of cells are found on writing."""
    _reading_what_is_written(choice)
    for made in choice.tables.values():
        _new_rows_that_are_chosen(choice, made)
        _carrying_what_is_written(choice, made)
        _going(choice, made)


def _reading_what_is_written(choice: Choice) -> None:
    writers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, read in enumerate(choice.reads):
        column = ANY_ROW if read.column is None else read.column.name
        writers[read.table.name, column].append(number)
    for number, read in enumerate(choice.reads):
        for cell in sorted(read.reads):
            for other in writers.get(cell, []):
                if other != number:
                    table, column = cell
                    choice.conflict(
                        number, other, f"one chooses rows by {table}.{column}, and the other writes it"
                    )


def _new_rows_that_are_chosen(choice: Choice, made: TableMade) -> None:
    is_by_year = made.table.name in CARRIED
    lookup = Lookup(choice.problem, {name: other.rows for name, other in choice.tables.items()})
    written: dict[Key, list[int]] = defaultdict(list)
    for (key, _), numbers in made.writers.items():
        written[key] += numbers
    for key, (adding, *_) in made.coming.items():
        if key in made.base:
            for number in written[key]:
                choice.conflict(adding, number, "one asks for the row as it is, and the other changes it")
            continue
        for number, part in made.parts.items():
            if number in choice.named:
                continue
            read = choice.reads[number]
            is_in_year = not is_by_year or holds_in(part.ranges, key[made.at])
            if (
                is_in_year
                and all(
                    Condition(name, patterns).holds(made.rows[key].get(name))
                    for name, patterns in read.key.items()
                )
                and all(lookup.holds(condition, path, made.rows[key]) for condition, path in read.conditions)
            ):
                choice.conflict(adding, number, "one adds a row that the other would choose")


def _carrying_what_is_written(choice: Choice, made: TableMade) -> None:
    """What a change carries on from a year to the next is there whatever the other changes do."""
    if made.table.name not in CARRIED:
        return
    groups = by_group(made.rows, made.at)
    owners = {(cell.key, number) for number, cell in made.between}
    for number, cell in made.between:
        group = (*cell.key[: made.at], *cell.key[made.at + 1 :])
        since = -10_000 if cell.since is None else cell.since[made.at]
        for key in groups[group]:
            if since <= key[made.at] < cell.key[made.at]:
                for other in made.writers.get((key, cell.column), []):
                    is_carried = other in made.writers.get((cell.key, cell.column), [])
                    if other != number and not is_carried and (cell.key, other) not in owners:
                        choice.conflict(number, other, "one carries on what the other changes")
    changed = defaultdict(set)
    for key, numbers in [*made.going.items(), *made.coming.items()]:
        changed[(*key[: made.at], *key[made.at + 1 :])].update(numbers)
    for number, part in made.parts.items():
        if part.names_rows:
            continue
        for group, others in changed.items():
            if any(key in part.matched for key in groups[group]):
                for other in others - {number}:
                    choice.conflict(number, other, "one adds or takes away a year of what the other changes")


def _going(choice: Choice, made: TableMade) -> None:
    """Rows that go although another change adds them, or changes nothing else."""
    for key, (number, *_) in made.going.items():
        for other in made.coming.get(key, []):
            choice.conflict(number, other, "one adds the row that the other takes away")
    for number, part in made.parts.items():
        chosen = {key for key in part.matched if (key, part.column) in made.writers}
        chosen = {key for key in chosen if number in made.writers[key, str(part.column)]}
        if chosen and chosen <= made.going.keys():
            choice.conflict(number, made.going[min(chosen)][0], "one changes rows that the other takes away")
