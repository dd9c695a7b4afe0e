"""What a plan may be asked to have least of, in which order, and under which budget."""

from dataclasses import dataclass

LEAD_COST = "LEAD_COST"
ALLIANCE_COST = "ALLIANCE_COST"
SHORTFALL = "SHORTFALL"
EXPOSURE = "EXPOSURE"
WORST_BURDEN = "WORST_BURDEN"

COST_VECTORS: dict[str, tuple[str, ...]] = {
    LEAD_COST: ("lead_cost", "penalty"),
    ALLIANCE_COST: ("alliance_cost", "penalty"),
    SHORTFALL: ("missing_shares",),
    EXPOSURE: ("exposure_borne",),
    WORST_BURDEN: ("greatest_burden",),
}
"""By word of the Objective choice, the cost vectors of the model whose sum is minimized."""

UNITS = {
    LEAD_COST: "M$",
    ALLIANCE_COST: "M$",
    SHORTFALL: "shares of needs",
    EXPOSURE: "points",
    WORST_BURDEN: "share of GDP",
}
"""By word, the unit of its value."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a plan.

    Attributes:
        objectives: words of the Objective choice; the first is minimized, then held while the next is.
        lead_budget_usd_m: most the lead actor may spend over the years, discounted; None is no limit.
    """

    objectives: tuple[str, ...] = (LEAD_COST,)
    lead_budget_usd_m: float | None = None

    @property
    def lets_every_need_go_short(self) -> bool:
        """Whether needs without a price may go short: only where least shortfall comes before all else.

        Behind another objective it would let that one be met by leaving needs unmet.
        """
        return self.objectives[0] == SHORTFALL

    @property
    def is_money_first(self) -> bool:
        """Whether the first objective is money, so that prices are."""
        return self.objectives[0] in (LEAD_COST, ALLIANCE_COST)

    @property
    def tie_break(self) -> tuple[tuple[str, ...], ...]:
        """The cost vectors that break ties after the last objective; no cost is ever left free."""
        lead = () if LEAD_COST in self.objectives else (COST_VECTORS[LEAD_COST],)
        return (*lead, ("alliance_cost",), ("change",))
