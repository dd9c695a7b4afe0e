"""Files that are written whole or not at all, and what is said where they cannot be written."""

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forceposture.command.exit_codes import CommandError, ExitCode

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is used up",
    errno.EFBIG: "a file would be larger than is allowed here",
    errno.EROFS: "the file system can only be read",
    errno.EACCES: "you may not write there",
    errno.EPERM: "you may not write there",
    errno.ENOENT: "no folder can be made there",
    errno.ENOTDIR: "a file is in the way of the folder",
    errno.EEXIST: "a file is in the way of the folder",
    errno.ENAMETOOLONG: "the name is too long",
}


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """A folder whose files move to the given one when the body ends; if it fails, nothing of them is left.

    Args:
        folder: is made if it is not there; files there of the same names are replaced.

    Raises:
        CommandError: files cannot be written there.
    """
    with _said(folder):
        made = [outer for outer in (folder, *folder.parents) if not outer.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
        try:
            yield staging
            for path in sorted(staging.iterdir()):
                path.replace(folder / path.name)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            with suppress(OSError):
                for outer in made:
                    outer.rmdir()
            raise
        staging.rmdir()


def check_writable(folder: Path) -> None:
    """Makes a folder, and sees that files can be written there before a long search for what they are to hold.

    Raises:
        CommandError: they cannot.
    """
    with _said(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass


@contextmanager
def _said(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or "unknown reason")
        message = f"{folder} cannot be written: {reason}. Name another place with --out."
        raise CommandError(ExitCode.BAD_INPUT, message) from error
