import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from fgkeras.bootstrap.ingest.signed_bits import signed
from fgkeras.bootstrap.ingest.signed_bits import unsigned


@given(st.integers(0, 2**64 - 1))
def test_a_hash_goes_through_the_store(value):
    db = sqlite3.connect(":memory:")
    (kept,) = db.execute("SELECT ?", (signed(value),)).fetchone()
    db.close()
    assert unsigned(kept) == value
    assert signed(value) == int.from_bytes(
        value.to_bytes(8, "big"), "big", signed=True
    )
