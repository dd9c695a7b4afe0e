"""Frames by the keys of their rows: the same as pandas makes of them, in fewer calls."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from optimizer.formulation.frames.signatures import signatures
from optimizer.tables.keyed import is_among, joined, keys, looked_up, values

KEY = ["site_id", "year"]
Rows = list[tuple[str, int, float]]
ROWS = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(2027, 2029), st.floats(0, 9)), max_size=8)


def frame(rows: Rows, name: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*KEY, name]).astype(
        {"site_id": "str", "year": "int64", name: "float64"}
    )


@given(ROWS, ROWS)
def test_frames_are_joined_as_pandas_merges_them(first: Rows, second: Rows) -> None:
    left, right = frame(first, "room"), frame(second, "people")
    pd.testing.assert_frame_equal(joined(left, right, KEY), left.merge(right, on=KEY))
    assert is_among(left, KEY, set(keys(right, KEY))).tolist() == [
        row[:2] in {other[:2] for other in second} for row in first
    ]
    last = right.drop_duplicates(KEY, keep="last")
    found = left.merge(last, on=KEY, how="left").fillna({"people": -1.0})["people"]
    assert looked_up(left, KEY, values(right, KEY, "people"), -1.0).tolist() == found.to_list()


@given(ROWS)
def test_groups_have_one_signature_if_they_hold_the_same(rows: Rows) -> None:
    held = frame(rows, "points").where(lambda each: each != 0.0)
    found = signatures(held, ["site_id"], ["year", "points"])
    items = {
        site: sorted(group.fillna(-1.0).itertuples(index=False, name=None))
        for site, group in held.set_index("site_id").groupby("site_id")
    }
    assert found.keys() == items.keys()
    assert 0 not in found.values()
    for one, its in items.items():
        for other, theirs in items.items():
            assert (found[one] == found[other]) == (its == theirs)
