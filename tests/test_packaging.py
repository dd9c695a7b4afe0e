"""What is shipped: the wheel, and the versions it was tested with."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONSTRAINTS = ["constraints.txt", "constraints-hashed.txt"]


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", str(folder), str(ROOT)], check=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_wheel_holds_the_cases(wheel_names: set[str]) -> None:
    data = ROOT / "data"
    files = [path for path in data.rglob("*") if path.is_file()]
    assert files
    assert {f"forceposture/data/{path.relative_to(data).as_posix()}" for path in files} <= wheel_names


def test_wheel_holds_every_module_and_nothing_else(wheel_names: set[str]) -> None:
    modules = {
        path.relative_to(ROOT).as_posix()
        for package in ("forceposture", "optimizer", "server")
        for path in (ROOT / package).rglob("*.py*")
        if "__pycache__" not in path.parts
    }
    assert modules <= wheel_names
    assert {name.partition("/")[0] for name in wheel_names} == {
        "forceposture",
        "optimizer",
        "server",
        "force_posture-{}.dist-info".format(PROJECT["project"]["version"]),
    }
    assert any(name.endswith("/licenses/LICENSE") for name in wheel_names)


def _pins(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [
        line.removesuffix("\\").strip() for line in lines if re.match(r"[a-z0-9]", line, flags=re.IGNORECASE)
    ]


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraints_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    commands = re.findall(r"^#.*$", text, flags=re.MULTILINE)
    assert not re.search(r"://|@|file:|^-", text, flags=re.MULTILINE)
    assert not any(re.search(r"--(extra-)?(index|find-links)", command) for command in commands)


def test_constraints_agree_and_pin_every_version() -> None:
    plain, hashed = map(_pins, CONSTRAINTS)
    assert plain == hashed
    assert all(re.fullmatch(r"[a-z0-9.-]+==[^ ]+( ; .+)?", pin) for pin in plain)
    pinned = {pin.partition("==")[0] for pin in plain}
    project = PROJECT["project"]
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
        assert re.split("[<>=]", requirement)[0].lower() in pinned


def test_what_builds_the_wheel_is_what_is_tested() -> None:
    (builder,) = PROJECT["build-system"]["requires"]
    assert builder in PROJECT["project"]["optional-dependencies"]["test"]
