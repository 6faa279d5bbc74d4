"""Sizes are read as people write them, and written short."""

import pytest

from fgkeras.storage import read_size
from fgkeras.storage import size_in_words


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("1000", 1000),
        ("12B", 12),
        ("2GB", 2 * 10**9),
        ("2 gb", 2 * 10**9),
        ("2G", 2 * 10**9),
        ("2GiB", 2 * 2**30),
        ("1.5 KiB", 1536),
        ("0.25MB", 250000),
        ("3TB", 3 * 10**12),
        (" 7k ", 7000),
    ],
)
def test_sizes_are_read(text, number):
    assert read_size(text) == number


@pytest.mark.parametrize(
    "text", ["", "GB", "-1", "2XB", "1e9", "2iB", "two", "1,5GB", "nan", "2GBs"]
)
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match=f"such as 2GB.*Received: '{text}'"):
        read_size(text)


@pytest.mark.parametrize("number", [0, 1, 999, 1000, 999_949, 999_960, 10**15])
def test_sizes_in_words_are_near(number):
    text = size_in_words(number)
    assert read_size(text) == pytest.approx(number, rel=0.05)
    assert float(text.split()[0]) < 1000 or number >= 10**15
