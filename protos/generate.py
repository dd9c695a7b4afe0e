"""Generates forceposture/v1 and data/README.md from the protos.

Run ``python protos/generate.py``; with ``--check`` nothing is written, and the exit code is 1 if what is
committed is stale.
"""

import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "forceposture/v1"


def generated_code(protos: Path) -> dict[str, str]:
    """Returns the generated Python files by their path below the project's root."""
    import grpc_tools

    well_known = Path(grpc_tools.__file__).parent / "_proto"
    sources = sorted(str(path) for path in (protos / PACKAGE).glob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        arguments = [
            "protoc",
            f"-I{protos}",
            f"-I{well_known}",
            f"--python_out={folder}",
            f"--grpc_python_out={folder}",
            f"--mypy_out={folder}",
            f"--mypy_grpc_out={folder}",
            *sources,
        ]
        if protoc.main(arguments) != 0:
            raise SystemExit("protoc failed")
        files = {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(Path(folder).rglob("*.py*"))
        }
    without_services = [
        name for name, text in files.items() if "_pb2_grpc" in name and "service_pb2_grpc" not in name
    ]
    for name in without_services:
        del files[name]
    files[f"{PACKAGE}/__init__.py"] = '"""Generated from protos/forceposture/v1; never edited."""\n'
    return files


def main() -> int:
    """Writes what is stale, or with ``--check`` names it."""
    sys.path.insert(0, str(ROOT))
    files = generated_code(ROOT / "protos")
    stale = [name for name, text in files.items() if _read(ROOT / name) != text]
    extra = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / PACKAGE).glob("*.py*")
        if path.relative_to(ROOT).as_posix() not in files
    ]
    if "--check" in sys.argv:
        for name in stale + extra:
            print(f"stale: {name}; run python protos/generate.py")
        return 1 if stale or extra else 0
    for name in stale:
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(files[name], encoding="utf-8")
    for name in extra:
        (ROOT / name).unlink()
    return 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
