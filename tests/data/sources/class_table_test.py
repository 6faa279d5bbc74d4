import pytest

from fgkeras.data.sources.class_table import find_class_table
from fgkeras.data.sources.class_table import parse_class_table

TEXT = """\
class,family,id,name,year,n_train,n_test
heron,Ardeidae,001,Grey heron,1990,3,1
egret,Ardeidae,002,Little egret,1990,3,1
crow,Corvidae,007,Carrion crow,2000,3,1
"""


def test_parents_are_told_from_counts_numbers_and_names():
    table = parse_class_table("\ufeff" + TEXT, "t.csv")
    assert table.class_names == ("heron", "egret", "crow")
    assert set(table.columns) == {"family", "year"}
    assert table.hierarchy(["crow", "egret"]) == {
        "family": ("Corvidae", "Ardeidae"),
        "year": ("2000", "1990"),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first column is `class`"),
        ("name,class\n", r"Received: \['name', 'class'\]"),
        ("class,a\nx,1,2\n", "Received: 3 in row 2"),
        ("class,a\nx,p\ny,q\nx,p\n", "'x' in rows 2 and 4"),
        ("class,a\nx,p\ny,\n", "column `a`.*empty cell in row 3"),
    ],
)
def test_a_wrong_table_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse_class_table(text, "t.csv")


def test_a_class_without_a_row_is_named():
    table = parse_class_table(TEXT, "t.csv")
    with pytest.raises(ValueError, match=r"t.csv.*1 without one.*'stork'"):
        table.hierarchy(["crow", "stork"])


def test_the_first_folder_with_a_table_counts(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    assert find_class_table(inner, tmp_path) is None
    (tmp_path / "classes.csv").write_text("class\nouter\n")
    assert find_class_table(inner, tmp_path).class_names == ("outer",)
    (inner / "classes.csv").write_text("class\ninner\n")
    assert find_class_table(inner, tmp_path).class_names == ("inner",)


def test_description_is_no_parent():
    text = 'class,genus,Description\noak,Quercus,"lobed, round"\nelm,Ulmus,\n'
    table = parse_class_table(text, "t.csv")
    assert table.columns == {"genus": ("Quercus", "Ulmus")}
    assert table.descriptions == {"oak": "lobed, round", "elm": ""}
