import numpy as np
import pytest

from fgkeras.data.cuts.cut import cut_source
from fgkeras.data.cuts.ids import load_ids
from fgkeras.data.cuts.ids import save_ids
from tests.data.counted import make_source


def test_saved_ids_give_the_same_cut(tmp_path):
    source = make_source([20, 20])
    cut = cut_source(source, "exponential:4", seed=2)
    path = tmp_path / "ids.txt"
    save_ids(path, cut)
    again = load_ids(path, source)
    assert again.split("train").ids == cut.split("train").ids
    np.testing.assert_array_equal(
        again.split("train").labels, cut.split("train").labels
    )
    path.write_text("0/999\n")
    with pytest.raises(ValueError, match="id='0/999'"):
        load_ids(path, source)


def test_a_list_is_a_cut(tmp_path):
    source = make_source([20, 20])
    path = tmp_path / "a:b.txt"
    save_ids(path, cut_source(source, "cap:3"))
    cut = cut_source(source, f"ids:{path}")
    assert (
        cut.split("train").ids == cut_source(source, "cap:3").split("train").ids
    )
    assert cut.split("test") is source.split("test")


def test_lists_that_are_none_are_refused(tmp_path):
    source = make_source([2, 2])
    path = tmp_path / "ids.txt"
    with pytest.raises(ValueError, match="does not exist"):
        cut_source(source, f"ids:{path}")
    path.write_text("\n")
    with pytest.raises(ValueError, match="no id in"):
        cut_source(source, f"ids:{path}")
    first = source.split("train").ids[0]
    path.write_text(f"{first}\n{first}\n")
    with pytest.raises(ValueError, match=f"id='{first}' twice"):
        cut_source(source, f"ids:{path}")
