"""The tables of what is found in the case ``reference``: ``data/findings.json`` as Markdown."""

import json
from collections.abc import Mapping
from typing import Any

_COMMAND = "python benchmarks/reference_findings.py"


def findings_tables(text: str | None) -> str:
    """Both tables with their headings; nothing where there is no file.

    Args:
        text: the file's text.
    """
    if text is None:
        return ""
    findings = json.loads(text)
    return "\n\n".join([*_published(findings["published"]), *_alternatives(findings["problems"])])


def _published(rows: list[dict[str, Any]]) -> list[str]:
    intro = (
        f"`{_COMMAND}` makes this table and the next. Published money is in dollars of the base year. The factor is to "
        "the nearest published figure, and 1 inside a published range."
    )
    lines = [
        "| published | counterpart in `reference` | published, in its unit | `reference` | factor | range | inside |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        low, high = _figure(row["low"]), _figure(row["high"])
        unit = row["unit"]
        published = f"{low} {unit}" if low == high else f"{low} to {high} {unit}"
        cells = [
            f"{row['name']}: {row['published']}",
            row["counterpart"],
            published,
            "no plan" if row["value"] is None else _figure(row["value"]),
            "" if row["factor"] is None else f"{row['factor']:.2f}",
            row["range"],
            _verdict(row),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return ["## Published figures, and how near the reference comes", intro, "\n".join(lines)]


def _verdict(row: Mapping[str, Any]) -> str:
    if row["is_inside"] is None:
        return ""
    return "yes" if row["is_inside"] else f"no: {row['outside'] or 'not yet explained'}"


def _alternatives(problems: Mapping[str, Any]) -> list[str]:
    base = next(iter(problems))
    intro = (
        "Linear relaxations: nothing need be whole, so small differences mean little. Costs are discounted, over all "
        "years, in B$; the difference is to the first row, today's course, whose posture of today stands above it. "
        "People, units, commands, exposure and needs are those of the last year. People are those of modeled units "
        "abroad, in thousands: Europe, Korea, Japan, Gulf, elsewhere. Units are U.S. brigades, squadrons and ships. "
        "Of the needs that go short, the worst is missing the part in parentheses. The price of what is missing is in "
        "no cost, but in a column of its own. The rows `risk_…` say what the choice of needs is worth."
    )
    heads = [
        "problem",
        "lead cost",
        "difference",
        "alliance cost",
        "price of what is missing",
        "people abroad",
    ]
    heads += ["units", "commands that change hands", "exposure", "needs unmet"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    if "today" in problems[base]:
        today = problems[base]["today"]
        lines.append(f"| today | | | | | {' | '.join(_posture(today))} | |")
    first = problems[base].get("row", {}).get("lead_cost_usd_m")
    for name, found in problems.items():
        if "row" not in found:
            ended = f"no plan: {found['termination']}. {found['why']}".strip()
            lines.append(
                f"| `{name}` | {ended[:400].replace('|', '/').replace(chr(10), ' ')} |{' |' * (len(heads) - 2)}"
            )
            continue
        row = found["row"]
        change = "" if name == base or first is None else f"{(row['lead_cost_usd_m'] - first) / 1000:+,.1f}"
        alliance = row["alliance_cost_usd_m"]
        cells = [
            f"`{name}`" + (" (fails its audit)" if found["audit_findings"] else ""),
            f"{row['lead_cost_usd_m'] / 1000:,.1f}",
            change,
            "" if alliance is None else f"{alliance / 1000:,.1f}",
            f"{row['penalty_usd_m'] / 1000:,.1f}",
            *_posture(row),
            f"{row['unmet_needs']} of {row['needs']}"
            + (f" ({row['worst_part']:.0%})" if row["unmet_needs"] else ""),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return ["## What each alternative changes", intro, "\n".join(lines)]


def _posture(row: Mapping[str, Any]) -> list[str]:
    people = " / ".join(f"{count / 1000:,.1f}" for count in row["people"].values())
    units = " / ".join(f"{count:,.0f}" for count in row["units"].values())
    commands = "; ".join(f"{command}: {holder}" for command, holder in row["commands"].items())
    return [people, units, commands or "none", f"{row['exposure_points']:,.0f}"]


def _figure(number: float) -> str:
    """Three digits that count."""
    return f"{float(f'{number:.3g}'):,.10g}"
