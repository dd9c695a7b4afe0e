"""Writes a program to an MPS or LP file, with the names of its rows and columns."""

import errno
from pathlib import Path

import highspy
import numpy as np

from optimizer.errors import SolverError
from optimizer.solver.highs import QuietHighs, pass_program
from optimizer.solver.matrix import Matrix, check_arrays, whole_bounds

_LP_LETTERS = str.maketrans({"[": "(", "]": ")", "/": ";", "-": "~", "+": "#"})
"""What names hold that LP files cannot, and what stands for it; no name holds these by itself."""

_LP_LONGEST = 255
_UNUSED = "unused"


def write_model(matrix: Matrix, path: Path) -> None:
    """Writes a program, in the units of the tables and with its constant.

    In MPS files a free row, ``unused``, holds the columns that stand in no row and cost nothing: where such a column
    follows one that is whole or comes before it, HiGHS would write the wrong one of them as whole.

    In LP files owned[USA,BRIGADE,2026] is owned(USA,BRIGADE,2026), and "/", "-" and "+" are ";", "~" and "#":
    HiGHS would number all rows and columns if one name were not allowed there.

    Args:
        matrix: the program.
        path: ends in .mps or .lp; a file that is there is replaced.

    Raises:
        SolverError: HiGHS refuses the program or cannot write the file.
        OSError: not all of the file could be written.
    """
    check_arrays(matrix)
    highs = QuietHighs()
    status = pass_program(
        highs,
        matrix.coefficients,
        matrix.objective,
        matrix.objective_offset,
        whole_bounds(matrix.column_lower, matrix.column_upper, matrix.is_integer),
        (matrix.row_lower, matrix.row_upper),
        matrix.is_integer,
    )
    _accept(status, "take the program")
    is_lp = path.suffix.lower() == ".lp"
    row_names = matrix.row_names()
    if not is_lp:
        unused = np.flatnonzero((np.diff(matrix.coefficients.tocsc().indptr) == 0) & (matrix.objective == 0))
        ones = np.ones(len(unused))
        _accept(highs.addRow(-np.inf, np.inf, len(unused), unused.astype(np.int32), ones), "take a row")
        row_names.append(_UNUSED)
    for names, give in (
        (matrix.column_names(), highs.passColName),
        (row_names, highs.passRowName),
    ):
        for position, name in enumerate(names):
            _accept(give(position, _lp_name(name, position) if is_lp else name), f"take the name {name}")
    _accept(highs.writeModel(str(path)), f"write {path}")
    with path.open("rb") as file:  # HiGHS does not notice a full disk
        file.seek(max(0, path.stat().st_size - 20))
        if file.read().split()[-1:] not in ([b"ENDATA"], [b"end"]):
            raise OSError(errno.EIO, "the file ends too early; the disk may be full", str(path))


def _lp_name(name: str, position: int) -> str:
    """The name as LP files allow it; a longer one is cut and told apart by its position."""
    allowed = name.translate(_LP_LETTERS)
    return allowed if len(allowed) <= _LP_LONGEST else f"{allowed[:200]}@{position}"


def _accept(status: highspy.HighsStatus, what: str) -> None:
    if status == highspy.HighsStatus.kError:
        raise SolverError(f"HiGHS could not {what}")
