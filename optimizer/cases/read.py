"""Cases on disk: a folder, an .xlsx, a .yaml or a .json; all give the same problem.

A folder holds settings.yaml and one CSV file per table; a spreadsheet one sheet per table; a document a
mapping from table names to rows.

A folder may be no more than changes: ``base`` in its settings names another case, over which its tables are laid
(see ``overlays``). And it may have *alternatives*: each folder in its ``alternatives`` is laid over the case, alone
or with others. Other formats have neither. Every case may have a table ``changes``, whose changes are made in it.
What is read is an ordinary problem, with a digest of its own.
"""

from collections.abc import Callable
from pathlib import Path

from optimizer.cases.changes_tables import changes_of_cells
from optimizer.cases.documents import read_json, read_yaml, write_json, write_yaml, yaml_tree
from optimizer.cases.files import Raw, located, unreadable
from optimizer.cases.folders import ALTERNATIVES_FOLDER, SETTINGS_FILE, read_folder, write_folder
from optimizer.cases.overlays import lay_over
from optimizer.cases.pasted_tables import pasted_tables
from optimizer.cases.spreadsheets import read_spreadsheet, write_spreadsheet
from optimizer.changes.applied import with_changes
from optimizer.errors import Finding, ProblemError
from optimizer.tables.consequences import without_consequences
from optimizer.tables.problem import Problem
from optimizer.tables.schema import CHANGES
from optimizer.tables.typed_tables import nearest, typed_tables

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
    root = Path(__file__).resolve().parents[2]
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
    settings, _ = yaml_tree(folder / SETTINGS_FILE, "settings")
    cells = dict(settings) if isinstance(settings, list) else {}
    return str(cells.get("title") or folder.name)


def alternatives(case: Path) -> dict[str, Path]:
    """The folders of the alternatives of a case, given by its folder or file, by their names."""
    folder = case / ALTERNATIVES_FOLDER
    if not folder.is_dir():
        return {}
    return {path.name: path for path in sorted(folder.iterdir()) if (path / SETTINGS_FILE).is_file()}


def alternative_names(name_or_path: str | Path) -> list[str]:
    """Names of the alternatives of a case; see ``read_case``.

    Raises:
        ProblemError: there is no such case.
    """
    return list(alternatives(_named(name_or_path)))


def read_case(name_or_path: str | Path, *alternative_names: str | None) -> Problem:
    """Reads a case.

    Args:
        name_or_path: the name of a shipped case, or the path of a folder or file. A shipped case wins over a
            folder of the same name, which is reached as ``./name``.
        alternative_names: alternatives of the case that are laid over it together, of which none comes before
            another; None is the case itself.

    Returns:
        The problem; its notes say what was read otherwise than it was written.

    Raises:
        ProblemError: with everything that is wrong with the files and with each table by itself, and with what two
            alternatives give differently; what the tables mean together is for ``checks.check``.
    """
    path = _named(name_or_path)
    problem = _read(path, ())
    wanted = list(dict.fromkeys(name for name in alternative_names if name is not None))
    folders = alternatives(path)
    message = "the case has no alternative of that name"
    unknown = [
        Finding("CASE_NOT_FOUND", "", "", "", ascii(name[:80]), message, nearest(name[:80], folders))
        for name in wanted
        if name not in folders
    ]
    if unknown:
        raise ProblemError(unknown)
    overlays = [(f"{ALTERNATIVES_FOLDER}/{name}", read_folder(folders[name])) for name in wanted]
    return lay_over(problem, overlays) if overlays else problem


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


def _read(path: Path, above: tuple[Path, ...]) -> Problem:
    """The problem of a folder or file; ``above`` are the cases whose base it is."""
    if path.is_dir():
        raw = read_folder(path)
    elif path.is_file() and path.suffix.lower() in _READERS:
        raw = _READERS[path.suffix.lower()](path)
    else:
        raise ProblemError([unreadable("", "", f"{path.name} is no kind of case", _FORMATS)])
    settings = raw.tables.get("settings")
    if path.is_dir() and settings is not None and "base" in settings.cells.names:
        (base,) = settings.cells.pop("base")
        above = (*above, path.resolve())
        try:
            problem = _read(_base_path(path, base, above), above)
        except ProblemError as error:
            raise ProblemError([located(finding, f"base {base}") for finding in error.findings]) from error
        return lay_over(problem, [(path.name, raw)])
    pasted = pasted_tables(raw)
    changes = pasted.cells.pop(CHANGES.name, None)
    frames, findings = typed_tables(pasted.cells)
    findings = without_consequences([*pasted.findings, *findings])
    if findings:
        raise ProblemError(findings)
    problem = Problem(frames, tuple(pasted.notes))
    if changes is None:
        return problem
    made, findings = changes_of_cells(changes, path.name, problem)
    if findings:
        raise ProblemError(findings)
    return with_changes(problem, made)


def _base_path(folder: Path, base: str | None, above: tuple[Path, ...]) -> Path:
    """The case that a folder's settings name as its base: a shipped one, or a path from that folder."""
    name = base or ""
    path = shipped_cases().get(name) or _existing(folder / name)
    if not name or Path(name).is_absolute() or path.resolve() in above:
        message = "base names no other case: a shipped one, or a path from this folder"
        fix = nearest(name[:80], shipped_cases())
        raise ProblemError([unreadable("settings", "", message, fix, name)])
    return path


def _named(name_or_path: str | Path) -> Path:
    """The path of a shipped case, or the path itself; raises ProblemError where nothing is there."""
    return shipped_cases().get(str(name_or_path)) or _existing(Path(name_or_path))


def _existing(path: Path) -> Path:
    try:
        exists = path.exists()
    except (OSError, ValueError):
        exists = False
    if not exists:
        message = "there is no shipped case, folder or file of that name"
        name = str(path)[:80]
        fix = nearest(name, shipped_cases())
        raise ProblemError([Finding("CASE_NOT_FOUND", "", "", "", ascii(name), message, fix)])
    return path
