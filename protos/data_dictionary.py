"""The data dictionary: every table, column and word, as the protos describe them."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

from optimizer.tables.problem import Problem, canonical_lines
from optimizer.tables.schema import PROBLEM_TABLES, SCORE_TABLES, SOLUTION_TABLES, Column, Table

_MESSAGE, _ENUM, _PART = 4, 5, 2

_UNITS = {
    "usd_m_per_person_yr": "M$ per person and year",
    "usd_m_per_point_yr": "M$ per point and year",
    "usd_m_per_unit_yr": "M$ per unit and year",
    "usd_m_per_set_yr": "M$ per set and year",
    "usd_m_per_person": "M$ per person",
    "usd_m_per_point": "M$ per point",
    "usd_m_per_unit": "M$ per unit",
    "usd_m_per_set": "M$ per set",
    "usd_m_per_yr": "M$ per year",
    "usd_m": "M$",
    "usd": "$",
    "persons_per_yr": "people per year",
    "persons": "people",
    "fraction_per_yr": "share per year",
    "fraction": "share",
    "count_per_yr": "count per year",
    "count": "count",
    "points": "points",
    "days": "days",
    "seconds": "seconds",
    "degrees": "degrees",
    "year": "calendar year",
    "yr": "years",
}
_TYPES = {"text": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}

Comments = Mapping[str, str]
"""Comments by the full name of what they stand before, such as Problem.sites or Mode.MODE_HOME."""


def data_dictionary(protos: Path, well_known: Path) -> str:
    """The dictionary as Markdown.

    Args:
        protos: the folder of the protos.
        well_known: the folder of the protos that protobuf brings along.
    """
    comments: dict[str, str] = {}
    enums: dict[str, list[str]] = {}
    for file in _described(protos, well_known):
        comments.update(_comments(file))
        if file.name.endswith(("/problem.proto", "/solution.proto")):
            enums |= {enum.name: [value.name for value in enum.value] for enum in file.enum_type}
    parts = [
        "## Input tables\n",
        "A case is settings.yaml and one CSV file for each table, or one sheet, or one entry of a document. "
        "Cells that may be empty say below what that means. M$ are millions of dollars of "
        "`settings.money_base_year`.\n",
        *(_table("Problem", table, comments) for table in PROBLEM_TABLES.values()),
        _digest(),
        "## Tables of a solution\n",
        *(_table("Solution", table, comments) for table in SOLUTION_TABLES.values()),
        "## Tables of a score\n",
        "`posture score` writes them: how today's posture stands, kept as it is through year 1.\n",
        *(_table("Score", table, comments) for table in SCORE_TABLES.values()),
        "## Words\n",
        *(_words(name, values, comments) for name, values in enums.items()),
    ]
    return "\n".join(parts)


def _described(protos: Path, well_known: Path) -> list[FileDescriptorProto]:
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image.binpb"
        sources = sorted(str(path) for path in protos.glob("forceposture/v1/*.proto"))
        options = [f"-I{protos}", f"-I{well_known}", "--include_source_info", f"--descriptor_set_out={image}"]
        if protoc.main(["protoc", *options, *sources]) != 0:
            raise SystemExit("protoc failed")
        return list(FileDescriptorSet.FromString(image.read_bytes()).file)


def _comments(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    for location in file.source_code_info.location:
        comment = " ".join(location.leading_comments.split())
        match list(location.path):
            case [kind, i] if kind == _MESSAGE:
                yield file.message_type[i].name, comment
            case [kind, i, part, j] if kind == _MESSAGE and part == _PART:
                message = file.message_type[i]
                yield f"{message.name}.{message.field[j].name}", comment
            case [kind, i] if kind == _ENUM:
                yield file.enum_type[i].name, comment
            case [kind, i, part, j] if kind == _ENUM and part == _PART:
                enum = file.enum_type[i]
                yield f"{enum.name}.{enum.value[j].name}", comment


def _table(owner: str, table: Table, comments: Comments) -> str:
    lines = [
        f"### {table.name}\n",
        comments[table.row.name] + "\n",
        "| column | type and unit | rules | meaning |",
        "|---|---|---|---|",
    ]
    for column in table.columns:
        cells = [
            f"`{column.name}`",
            _type(table, column),
            _rules(column) if owner == "Problem" else "key" if column.is_key else "",
            comments[f"{table.row.name}.{column.name}"],
        ]
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _type(table: Table, column: Column) -> str:
    if column.type == "choice":
        enum = table.row.fields_by_name[column.name].enum_type
        assert enum is not None
        return f"a word of [{enum.name}](#{enum.name.lower()})"
    unit = next((words for suffix, words in _UNITS.items() if f"_{column.name}".endswith(f"_{suffix}")), "")
    is_measured = column.type in ("number", "integer") and unit
    return f"{_TYPES[column.type]}, {unit}" if is_measured else _TYPES[column.type]


def _rules(column: Column) -> str:
    names = [f"`{table}.{name}`" for table, name in column.references]
    names += [f"`{word}`" for word in column.reserved]
    rules = ["key"] if column.is_key else []
    rules += [f"in {' or '.join(names)}"] if names else []
    if column.minimum is not None and column.maximum is not None:
        rules.append(f"{column.minimum:g} to {column.maximum:g}")
    rules += ["may be empty"] if column.is_nullable else []
    return "; ".join(rules)


def _words(name: str, values: list[str], comments: Comments) -> str:
    prefix = values[0].removesuffix("UNSPECIFIED")
    lines = [f"### {name}\n", comments[name] + "\n", "| word | meaning |", "|---|---|"]
    lines += [
        f"| `{value.removeprefix(prefix)}` | {comments[f'{name}.{value}']} |"
        for value in values
        if not value.endswith("UNSPECIFIED")
    ]
    return "\n".join(lines) + "\n"


def _digest() -> str:
    frames = {name: table.empty() for name, table in PROBLEM_TABLES.items()}
    example: dict[str, dict[str, float | str]] = {
        "settings": {"lead_actor_id": "USA", "first_year": 2026, "discount_rate_fraction": 0.03},
        "theaters": {"theater_id": "BALTIC", "name": "Baltic"},
        "requirements": {"theater_id": "BALTIC", "phase_id": "D30", "year": 2026, "required_points": 7.0},
    }
    for name, row in example.items():
        for column, cell in row.items():
            frames[name].loc[0, column] = cell
    problem = Problem(frames)
    lines = "".join(canonical_lines(problem))
    return f"""## The digest of a problem

A problem's identity is the SHA-256 of its tables, whichever format they came in. For each table in the order
above and each row in the order of its key, one line: a JSON array of the table's name and an object of the
row's filled cells in the order of the columns, without spaces; choices as words, numbers as the shortest
decimals that read back the same (whole ones below 1e15 without a fraction), text in UTF-8 as it is, each line
ended by a line feed. Empty cells are left out, and defaults are not filled in. Three rows, shortened:

```
{lines}```

have the digest `{problem.digest}`.
"""
