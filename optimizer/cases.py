"""Cases on disk: a folder, an .xlsx, a .yaml or a .json; all give the same problem.

A folder holds settings.yaml and one CSV file per table; a spreadsheet one sheet per table; a document a
mapping from table names to rows.
"""

from collections.abc import Callable
from pathlib import Path

from optimizer.case_documents import read_json, read_yaml, write_json, write_yaml, yaml_tree
from optimizer.case_files import Raw, unreadable
from optimizer.case_folders import SETTINGS_FILE, read_folder, write_folder
from optimizer.case_spreadsheets import read_spreadsheet, write_spreadsheet
from optimizer.errors import Finding, ProblemError
from optimizer.problem import Problem
from optimizer.typed_tables import nearest, typed_tables

_READERS: dict[str, Callable[[Path], Raw]] = {
    ".xlsx": read_spreadsheet,
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".json": read_json,
}
_WRITERS: dict[str, Callable[[Problem, Path], None]] = {
    "": write_folder,
    ".xlsx": write_spreadsheet,
    ".yaml": write_yaml,
    ".yml": write_yaml,
    ".json": write_json,
}
_FORMATS = "A case is a folder, or a file that ends in .xlsx, .yaml or .json."


def data_folder() -> Path:
    """The folder of the shipped cases: the checkout's ``data``, else the one inside the installed package.

    A checkout is known by its pyproject.toml, so that an editable install never reads a copy left over in
    ``forceposture/data``.
    """
    root = Path(__file__).resolve().parent.parent
    is_checkout = (root / "pyproject.toml").is_file() and (root / "data").is_dir()
    return root / "data" if is_checkout else root / "forceposture" / "data"


def shipped_cases() -> dict[str, Path]:
    """The folders of the cases that come with the software, by their names."""
    return {path.parent.name: path.parent for path in sorted(data_folder().glob(f"*/{SETTINGS_FILE}"))}


def case_title(folder: Path) -> str:
    """The title in the settings of a case folder, or the folder's name.

    Raises:
        ProblemError: the settings cannot be read.
    """
    settings = yaml_tree(folder / SETTINGS_FILE, "settings")
    cells = dict(settings) if isinstance(settings, list) else {}
    return str(cells.get("title") or folder.name)


def read_case(name_or_path: str | Path) -> Problem:
    """Reads a case.

    Args:
        name_or_path: the name of a shipped case, or the path of a folder or file. A shipped case wins over a
            folder of the same name, which is reached as ``./name``.

    Raises:
        ProblemError: with everything that is wrong with the files and with each table by itself; what the
            tables mean together is for ``checks.check``.
    """
    path = _path(name_or_path)
    if path.is_dir():
        raw, findings = read_folder(path)
    elif path.is_file() and path.suffix.lower() in _READERS:
        raw, findings = _READERS[path.suffix.lower()](path)
    else:
        raise ProblemError([unreadable("", "", f"{path.name} is no kind of case", _FORMATS)])
    frames, typed_findings = typed_tables(raw)
    findings += [finding for finding in typed_findings if not _follows(finding, findings)]
    if findings:
        raise ProblemError(findings)
    return Problem(frames)


def write_case(problem: Problem, path: str | Path) -> None:
    """Writes a case: a folder if the path has no suffix, else a file of the suffix's format.

    Empty cells, and columns and tables that are empty everywhere, are left out.

    Raises:
        ProblemError: no format has that suffix, or the problem does not fit into the format.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ProblemError([unreadable("", "", f"{path.name} is no kind of case", _FORMATS)])
    writer(problem, path)


def _path(name_or_path: str | Path) -> Path:
    shipped = shipped_cases()
    if str(name_or_path) in shipped:
        return shipped[str(name_or_path)]
    path = Path(name_or_path)
    try:
        exists = path.exists()
    except (OSError, ValueError):
        exists = False
    if not exists:
        message = "there is no shipped case, folder or file of that name"
        fix = nearest(str(name_or_path)[:80], shipped)
        raise ProblemError(
            [Finding("CASE_NOT_FOUND", "", "", "", ascii(str(name_or_path)[:80]), message, fix)]
        )
    return path


def _follows(finding: Finding, unread: list[Finding]) -> bool:
    """Whether a finding is no more than the consequence of a file or row that could not be read."""
    tables = {other.table_name for other in unread if other.code in {"CASE_UNREADABLE", "CASE_UNSAFE"}}
    if finding.code == "TABLE_MISSING":
        return finding.table_name in tables or "" in tables
    return finding.code == "REFERENCE_UNKNOWN" and bool(tables)
