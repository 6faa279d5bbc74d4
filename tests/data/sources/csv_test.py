import numpy as np
import pytest

from fgkeras.data.sources.csv import CsvSource
from tests.data import pictures

BOXES = "path,label,ymin,xmin,ymax,xmax\n"


@pytest.fixture
def folder(tmp_path):
    return pictures.write_tree(tmp_path, ["a.jpg", "b.jpg", "sub/c.jpg"])


def listed(folder, text):
    path = folder / "list.csv"
    path.write_text(text)
    return path


def test_text_labels_and_splits(folder):
    absolute = folder / "sub" / "c.jpg"
    source = CsvSource(
        listed(
            folder,
            "\ufeffpath,label,split,note\n"
            "a.jpg,oak,train,x\n\n"
            "b.jpg,elm,Validation,\n"
            f"{absolute},oak,test,\n",
        )
    )
    assert source.class_names == ("elm", "oak")
    assert {k: v.labels.tolist() for k, v in source.splits.items()} == {
        "train": [1],
        "val": [0],
        "test": [1],
    }
    assert source.read(str(absolute)) == pictures.jpeg(2)
    assert source.read("b.jpg") == pictures.jpeg(1)


def test_other_columns_are_of_the_images(folder):
    (folder / "classes.csv").write_text("class,family\noak,f\nelm,u\n")
    source = CsvSource(
        listed(
            folder,
            ",path,licence,label,split,author\n"
            "0,a.jpg,CC0,oak,train,Ann\n"
            "1,b.jpg,,elm,test, Bo \n"
            "2,sub/c.jpg,CC BY,elm,train,\n",
        )
    )
    train = {k: v.tolist() for k, v in source.split("train").columns.items()}
    assert train == {"licence": ["CC0", "CC BY"], "author": ["Ann", ""]}
    whole = source.split("train+test")
    assert whole.columns["author"].tolist() == ["Ann", "", "Bo"]
    # Parents are of the classes, and stand in their table.
    assert source.hierarchy == {"family": ("f", "u")}


def test_boxes(folder):
    text = (
        "path,label,split,xmin,ymin,xmax,ymax\n"
        "a.jpg,oak,train,.1,.2,.5,1\n"
        "b.jpg,oak,test,0,0,1,.25\n"
    )
    source = CsvSource(listed(folder, text))
    np.testing.assert_allclose(
        source.split("train").boxes, [[0.2, 0.1, 1, 0.5]]
    )
    np.testing.assert_allclose(source.split("*").boxes[1], [0, 0, 0.25, 1])
    assert source.split("*").boxes.dtype == "float32"
    assert source.split("*").columns == {}
    # One without a box, and its split has none.
    source = CsvSource(listed(folder, text + "sub/c.jpg,oak,test,,,,\n"))
    assert source.split("test").boxes is None
    assert len(source.split("train").boxes) == 1


def test_integer_labels_count_from_zero(folder):
    path = listed(folder, "path,label\na.jpg,1\nb.jpg,0\n")
    source = CsvSource(path)
    assert source.class_names == ("0", "1")
    assert source.split("all").labels.tolist() == [1, 0]


def test_the_class_table_numbers_the_labels(folder):
    (folder / "classes.csv").write_text("class,kind\noak,u\nelm,v\nfir,v\n")
    by_number = CsvSource(listed(folder, "path,label\na.jpg,1\nb.jpg,0\n"))
    by_name = CsvSource(listed(folder, "path,label\na.jpg,elm\nb.jpg,oak\n"))
    for source in (by_number, by_name):
        assert source.class_names == ("oak", "elm", "fir")
        assert source.split("all").labels.tolist() == [1, 0]
        assert source.hierarchy == {"kind": ("u", "v", "v")}
    for label, message in (
        ("3", r"\[0, 3\).*label=3 in row 3"),
        ("-1", "label=-1 in row 3"),
    ):
        path = listed(folder, f"path,label\na.jpg,0\nb.jpg,{label}\n")
        with pytest.raises(ValueError, match=message):
            CsvSource(path)
    path = listed(folder, "path,label\na.jpg,oak\nb.jpg,ash\n")
    with pytest.raises(ValueError, match="label='ash' in row 3"):
        CsvSource(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "starts with the header"),
        ("file,label\na.jpg,x\n", r"\['file', 'label'\]"),
        ("path,label\n", "at least one row"),
        ("path,label\na.jpg,x\nno.jpg,x\n", "path='no.jpg' in row 3"),
        ("path,label\na.jpg,x\n,x\n", "path='' in row 3"),
        ("path,label\na.jpg,x\nsub,x\n", "path='sub' in row 3"),
        ("path,label\na.jpg,x\n./a.jpg,y\n", r"row 2 has it too.*in row 3"),
        ("path,label\na.jpg,\n", "label='' in row 2"),
        ("path,label\na.jpg\n", "1 cells in row 2"),
        ("path,label\na.jpg,-1\nb.jpg,0\n", "label=-1 in row 2"),
        ("path,label\na.jpg,1\nb.jpg,2\n", r"no row has 0.*label=2 in row 3"),
        ("path,label\na.jpg,0\nb.jpg,999999999\n", "label=999999999 in row 3"),
        ("path,label,split\na.jpg,x,dev\n", "split='dev' in row 2"),
        ("path,label\na.jpg,Oak\nb.jpg,oak\n", "'Oak' and 'oak'"),
        ("path,label,x,x\na.jpg,o,1,2\n", r"different names.*'x', 'x'"),
        ("path,label,xmin\na.jpg,o,.2\n", "only xmin"),
        (BOXES + "a.jpg,o,0,0,20,30\n", "pixels.*ymax=20, xmax=30 in row 2"),
        (BOXES + "a.jpg,o,.5,0,.2,1\n", "ymin=.5, .*in row 2"),
        (BOXES + "a.jpg,o,0,0,1,\n", "xmax= in row 2"),
        (BOXES + "a.jpg,o,0,0,1,nan\n", "xmax=nan in row 2"),
    ],
)
def test_wrong_rows_are_named(folder, text, message):
    with pytest.raises(ValueError, match=message):
        CsvSource(listed(folder, text))


def test_skipping_lists_missing_files(folder):
    path = listed(folder, "path,label\na.jpg,x\nno.jpg,y\n")
    source = CsvSource(path, skip_bad=True)
    assert source.class_names == ("x",)
    assert source.refused == [("no.jpg", "row 3: there is no such file")]


def test_a_wrong_path_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is a folder"):
        CsvSource(tmp_path)
    table = tmp_path / "classes.csv"
    table.write_text("class\nx\n")
    with pytest.raises(ValueError, match="table of classes"):
        CsvSource(table)
