"""The comparison of model times compares equal models, and notices unequal ones."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from optimizer.benchmark.instances.generator import instance

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def model_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    linopy = pytest.importorskip("linopy")
    before = linopy.options["semantics"]
    import model_time

    yield model_time
    linopy.options["semantics"] = before
    for name in ("model_time", "linopy_model", "linopy_deployment", "linopy_columns"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("nonzeros", [600, 5_000, 20_000])
def test_models_are_the_same(model_time: ModuleType, nonzeros: int) -> None:
    problem = instance(2, nonzeros, whole=False, rows="core")
    assert model_time.differences(model_time.load_here(problem), model_time.load_linopy(problem)) == []


def test_other_models_are_noticed(model_time: ModuleType) -> None:
    mine, other = (instance(seed, 2_000, whole=False, rows="core") for seed in (0, 1))
    assert model_time.differences(model_time.load_here(mine), model_time.load_linopy(other))
