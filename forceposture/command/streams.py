"""Standard streams that a command can write to, whoever reads them and whatever became of them."""

import errno
import io
import os
import sys
from typing import Any

_INPUT, _OUTPUT, _ERROR = 0, 1, 2


class _Output(io.FileIO):
    """A stream that goes nowhere once nobody reads it: the command ends as it would have.

    Nothing that happens to standard error ends a command.
    """

    def write(self, data: Any) -> int:
        """Writes; what a closed pipe does not take is dropped.

        Raises:
            OSError: it cannot be written for another reason; what follows is dropped, too, so that the flush when
                Python ends does not fail once more.
        """
        try:
            return super().write(data) or 0
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if error.errno == errno.EPIPE or self.fileno() == _ERROR:
                return len(data)
            raise OSError(error.errno, error.strerror, self.name) from error


def prepare_streams() -> None:
    """Makes standard output and error outlive a closed pipe, and characters that the terminal does not have."""
    for number in (_INPUT, _OUTPUT, _ERROR):
        try:
            os.fstat(number)
        except OSError:  # closed by the caller: the next file opened would take the number, and the output
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = _stream(_OUTPUT, "standard output", sys.stdout)
    sys.stderr = _stream(_ERROR, "standard error", sys.stderr)


def _stream(number: int, name: str, before: Any) -> io.TextIOWrapper:
    raw = _Output(number, "w", closefd=False)
    raw.name = name
    encoding = "utf-8" if before is None else before.encoding
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=encoding,
        errors="replace",
        line_buffering=raw.isatty() or number == _ERROR,
    )
