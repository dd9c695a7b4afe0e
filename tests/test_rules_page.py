"""The page of rules names every block of rows, with its kind and its file."""

import re
from pathlib import Path

from optimizer.formulation import FAMILIES

PAGE = Path(__file__).parent.parent / "optimizer" / "README.md"


def test_the_page_of_rules_is_complete() -> None:
    text = PAGE.read_text(encoding="utf-8").split("<!-- rules -->")[1].split("<!-- /rules -->")[0]
    found: dict[str, tuple[str, str]] = {}
    file = ""
    for line in text.splitlines():
        heading = re.match(r"\| \*\*[\d.]+ `formulation/families/(\w+)\.py`", line)
        row = re.match(r"\| `(\w+)` \| (\w+) \| .+ \| .+ \|$", line)
        if heading:
            file = heading[1]
        elif row:
            found[row[1]] = (file, row[2])
    expected = {block: (family.name, kind.name) for family in FAMILIES for block, kind in family.rows.items()}
    assert found == expected
