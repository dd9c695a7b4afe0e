"""From the bytes of a file to its text: UTF-8, or what Excel and Windows write in its place."""

import codecs
from pathlib import Path

from optimizer.cases.files import file_bytes, unreadable
from optimizer.errors import ProblemError

_MARK = "\ufeff"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_WESTERN = set(
    "\u00c0\u00c1\u00c2\u00c3\u00c4\u00c5\u00c6\u00c7\u00c8\u00c9\u00ca\u00cb\u00cc\u00cd\u00ce\u00cf"
    "\u00d1\u00d2\u00d3\u00d4\u00d5\u00d6\u00d8\u00d9\u00da\u00db\u00dc\u00df"
    "\u00e0\u00e1\u00e2\u00e3\u00e4\u00e5\u00e6\u00e7\u00e8\u00e9\u00ea\u00eb\u00ec\u00ed\u00ee\u00ef"
    "\u00f1\u00f2\u00f3\u00f4\u00f5\u00f6\u00f8\u00f9\u00fa\u00fb\u00fc"
    "\u0152\u0153\u00a0\u00a7\u00a9\u00ab\u00ad\u00ae\u00b0\u00b1\u00b4\u00b7\u00bb\u00bd"
    "\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2020\u2022\u2026\u20ac\u2122"
)
"""What Western texts hold beyond ASCII. Other code pages than Windows-1252 yield other characters as well."""


def file_text(path: Path, most_bytes: int, table_name: str = "") -> tuple[str, list[str]]:
    """The text of a file, without byte order marks, and notes about how its bytes were read.

    Args:
        path: the file.
        most_bytes: the largest size that is read.
        table_name: the table that the file holds, if one.

    Raises:
        ProblemError: the file is too large, cannot be opened, or is not text.
    """
    content = file_bytes(path, most_bytes, table_name)
    text, notes = _decoded(content, path, table_name)
    bare = text.lstrip(_MARK)
    if len(text) - len(bare) > 1:
        notes.append(f"{path}: byte order marks before the text were passed over")
    if "\0" in bare:
        line_number = bare.count("\n", 0, bare.index("\0")) + 1
        message = f"{path.name} holds a NUL byte: it is no text file"
        raise ProblemError([unreadable(table_name, f"line {line_number}", message, "Save it again as text.")])
    return bare, notes


def _decoded(content: bytes, path: Path, table_name: str) -> tuple[str, list[str]]:
    if content.startswith(_UTF_16) and not content.startswith(_UTF_32):
        try:
            return content.decode("utf-16"), [f"{path}: the file was read as UTF-16"]
        except UnicodeDecodeError as error:
            raise _no_text(content, path, table_name, error) from error
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError as error:
        text = content.decode("cp1252", errors="ignore")
        foreign = [sign for sign in text if not sign.isascii()]
        if len(text) == len(content) and _WESTERN.issuperset(foreign):
            line_number = content.count(b"\n", 0, error.start)
            line = text.splitlines()[line_number].strip()[:80]
            note = (
                f"{path}: the file is not UTF-8 and was read as Windows-1252 (line {line_number + 1}: {line})"
            )
            return text, [note]
        raise _no_text(content, path, table_name, error) from error


def _no_text(content: bytes, path: Path, table_name: str, error: UnicodeDecodeError) -> ProblemError:
    line_number = content.count(b"\n", 0, error.start) + 1
    shown = repr(content[error.start : error.start + 8])
    message = f"{path.name} is not UTF-8 text"
    fix = "Save it with the encoding UTF-8."
    return ProblemError([unreadable(table_name, f"line {line_number}", message, fix, shown)])
