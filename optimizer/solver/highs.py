"""HiGHS without a word on standard output, and how it is given a program."""

from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optimizer.solver.matrix import Floats


class QuietHighs(highspy.Highs):  # type: ignore[misc]
    """HiGHS that writes nothing to standard output, where the result of a command stands."""

    def enableCallbacks(self) -> None:  # noqa: N802 (HiGHS's name)
        """Also silences the console: from 1.16 on, HiGHS prints its version here, within its constructor."""
        self.setOptionValue("log_to_console", False)
        super().enableCallbacks()


def pass_program(
    highs: highspy.Highs,
    coefficients: sp.csr_array,
    costs: Floats,
    offset: float,
    column_bounds: tuple[Floats, Floats],
    row_bounds: tuple[Floats, Floats],
    is_integer: npt.NDArray[np.bool_],
) -> Any:
    """Gives HiGHS a program as arrays, which takes a tenth of the time of setting the attributes of a HighsLp.

    HiGHS trusts the lengths: ``check_arrays`` has seen them.

    Returns:
        The status of HiGHS.
    """
    rows, columns = coefficients.shape
    return highs.passModel(
        columns,
        rows,
        coefficients.nnz,
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        offset,
        costs,
        *column_bounds,
        *row_bounds,
        coefficients.indptr.astype(np.int32),
        coefficients.indices.astype(np.int32),
        coefficients.data,
        is_integer.astype(np.int32),
    )
