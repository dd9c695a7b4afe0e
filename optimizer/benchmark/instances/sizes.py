"""How many regions, allies, sites, types, scenarios and years give a model of how many nonzeros."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How many there are of each.

    Attributes:
        regions: regions, with one theater each.
        types: unit types.
        years: years of the plan.
        phases: phases, 2 or 4.
        pairs: scenarios of two theaters at once, beside one for each theater.
        sites: sites.
    """

    regions: int
    types: int
    years: int
    phases: int
    pairs: int
    sites: int

    @property
    def allies(self) -> int:
        """Allies, one for every two sites and at least one for each region."""
        return max(self.regions, (self.sites + 1) // 2)


Measured = tuple[tuple[int, int], ...]
"""Sites and nonzeros of compiled models, by rising numbers of sites."""


@dataclass(frozen=True)
class _Level:
    """A range of sizes in which only the number of sites, and with it that of allies, varies.

    Attributes:
        least: least nonzeros for which the level is used.
        regions, types, years, phases, pairs: see ``Size``.
        measured: what was measured; in between and beyond it lies about on a line.
        measured_core: the same for models with the core's rows alone.
    """

    least: int
    regions: int
    types: int
    years: int
    phases: int
    pairs: int
    measured: Measured
    measured_core: Measured


_LEVELS = (
    _Level(0, 1, 2, 1, 2, 0, ((3, 398), (10, 1_034)), ((3, 290), (10, 748))),
    _Level(1_300, 1, 3, 2, 4, 0, ((3, 1_358), (10, 3_132)), ((3, 1_098), (10, 2_468))),
    _Level(3_500, 2, 4, 2, 4, 1, ((4, 3_122), (20, 11_532)), ((4, 2_790), (20, 10_132))),
    _Level(
        12_000,
        3,
        6,
        3,
        4,
        2,
        ((8, 16_211), (15, 30_216), (24, 37_042)),
        ((8, 14_891), (15, 27_891), (24, 33_643)),
    ),
    _Level(
        50_000,
        *(4, 10, 5, 4, 3),
        ((12, 70_904), (20, 111_265), (32, 147_677)),
        ((12, 66_164), (20, 104_085), (32, 137_307)),
    ),
    _Level(150_000, 5, 14, 5, 4, 4, ((20, 161_851), (70, 421_403)), ((20, 153_521), (70, 396_313))),
    _Level(
        500_000,
        *(6, 18, 8, 4, 6),
        ((30, 532_672), (60, 892_402), (94, 1_091_248)),
        ((30, 506_320), (60, 849_650), (94, 1_018_504)),
    ),
    _Level(
        1_300_000,
        *(6, 24, 10, 4, 6),
        ((60, 1_456_624), (120, 2_091_834), (160, 3_005_328)),
        ((60, 1_390_024), (120, 1_980_000), (160, 2_829_148)),
    ),
)


def size_for(nonzeros: int, core: bool) -> Size:
    """The size whose model has about that many nonzeros.

    Args:
        nonzeros: nonzeros wanted, from 300 to 3 million.
        core: whether only the core's rows are wanted.
    """
    level = [level for level in _LEVELS if level.least <= nonzeros][-1]
    measured = level.measured_core if core else level.measured
    start = max(0, sum(count <= nonzeros for _, count in measured[:-1]) - 1)
    (few, low), (many, high) = measured[start : start + 2]
    sites = round(few + (nonzeros - low) * (many - few) / (high - low))
    return Size(level.regions, level.types, level.years, level.phases, level.pairs, max(level.regions, sites))
