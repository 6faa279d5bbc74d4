import pytest

from fgkeras.data.cuts.cap import cap_counts
from fgkeras.data.cuts.cap import cap_cut
from tests.data.counted import make_source


def test_only_what_is_larger_is_trimmed():
    source = make_source([50, 60, 8])
    cut = cap_cut(source, 20)
    assert cut.counts("train").tolist() == [20, 20, 8]
    assert cut.split("test") is source.split("test")


def test_a_cap_of_none_is_refused():
    with pytest.raises(ValueError, match="cap=0"):
        cap_counts([3], 0)
