import numpy as np
import pytest

from fgkeras.data.info import describe
from fgkeras.data.open import open as open_source
from fgkeras.data.sources.csv import CsvSource
from fgkeras.data.spec import absolute_spec
from fgkeras.data.spec import path_of
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
    # One without a box has none, which is not numbers.
    source = CsvSource(listed(folder, text + "sub/c.jpg,oak,test,,,,\n"))
    boxes = source.split("test").boxes
    np.testing.assert_allclose(boxes, [[0, 0, 0.25, 1], [np.nan] * 4])
    assert len(source.split("train").boxes) == 1
    bare = "path,label,xmin,ymin,xmax,ymax\na.jpg,oak,,,,\n"
    assert CsvSource(listed(folder, bare)).split("all").boxes is None


@pytest.mark.parametrize(
    "box", ["0,0,2,1", ".5,0,.5,1", "-.1,0,1,1", "x,0,1,1"]
)
def test_a_box_that_is_none_stops_or_is_listed(folder, box):
    text = (
        f"path,label,xmin,ymin,xmax,ymax\na.jpg,oak,{box}\nb.jpg,oak,0,0,1,1\n"
    )
    with pytest.raises(ValueError, match=r"A box is relative .* in row 2"):
        CsvSource(listed(folder, text))
    source = CsvSource(listed(folder, text), skip_bad=True)
    assert source.split("all").ids == ("b.jpg",)
    assert source.refused == [("a.jpg", "row 2: its box is none")]


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
        ("", "starts with a header"),
        ("photo,label\na.jpg,x\n", r"\['photo', 'label'\].*\?path=NAME"),
        ("path,label\n", "at least one row"),
        ("path,label\na.jpg,x\nno.jpg,x\n", "no.jpg: row 3: there is no"),
        ("path,label\na.jpg,x\n,x\n", "'': row 3: it names no file"),
        ("path,label\na.jpg,x\nsub,x\n", "sub: row 3: .*a folder"),
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


TABLES = {
    "capitals": ("Path,LABEL,Split\na.jpg,oak,train\nb.jpg,elm,test\n", ""),
    "semicolons": ("path;label;split\na.jpg;oak;train\nb.jpg;elm;test\n", ""),
    "tabs": ("path\tlabel\tsplit\na.jpg\toak\ttrain\nb.jpg\telm\ttest\n", ""),
    "filename": ("filename,class,split\na.jpg,oak,train\nb.jpg,elm,test\n", ""),
    "image": (
        "id,image,label,split\n1,a.jpg,oak,train\n2,b.jpg,elm,test\n",
        "",
    ),
    "comments": (
        "# mine\n\npath,label,split\na.jpg,oak,train\nb.jpg,elm,test\n",
        "",
    ),
    "choice": (
        "image,annotator,choice,split\na.jpg,1,oak,train\nb.jpg,1,elm,test\n",
        "",
    ),
    "named": (
        "photo,kind,is_train\na.jpg,oak,1\nb.jpg,elm,0\n",
        "?path=photo&label=Kind&split=is_train",
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_lists_as_people_write_them(folder, name):
    text, options = TABLES[name]
    path = listed(folder, text)
    source = open_source(f"csv:{path}{options}")
    assert source.class_names == ("elm", "oak")
    assert source.split("train").ids == ("a.jpg",)
    assert source.split("test").ids == ("b.jpg",)
    assert source.split_like is None


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-be", "cp1252"])
def test_other_encodings(folder, coding):
    path = folder / "list.csv"
    text = "path,label\na.jpg,chêne\nb.jpg,orme\n"
    mark = "\ufeff" if coding == "utf-16-be" else ""
    path.write_bytes((mark + text).encode(coding))
    assert CsvSource(path).class_names == ("chêne", "orme")
    path.write_bytes(b"path,label\na.jpg,\x81\n")
    with pytest.raises(ValueError, match="UTF-8, UTF-16 or cp1252"):
        CsvSource(path)


def test_paths_of_windows(folder):
    source = CsvSource(listed(folder, "path,label\nsub\\c.jpg,oak\n"))
    assert source.split("all").ids == ("sub/c.jpg",)
    assert source.read("sub/c.jpg") == pictures.jpeg(2)


def test_columns_that_may_both_be_meant_are_named(folder):
    path = listed(folder, "filename,class,species\na.jpg,x,y\n")
    with pytest.raises(ValueError, match=r"class and species may.*\?label="):
        CsvSource(path)
    source = open_source(f"csv:{path}?label=species")
    assert source.class_names == ("y",)
    assert source.spec == f"csv:{path}?label=species"
    assert absolute_spec(source.spec) == source.spec
    assert path_of(source.spec) == str(path)
    for options, message in (
        ("label=kind", "label='kind'.*'species'"),
        ("labels=kind", "options of `csv:` are path, label, split"),
    ):
        with pytest.raises(ValueError, match=message):
            open_source(f"csv:{path}?{options}")
    both = open_source(f"csv:{path}?label=species+csv:{path}?label=class")
    assert both.class_names == ("y", "x")


def test_a_column_that_looks_like_a_split_is_said(folder):
    text = "path,label,{}\na.jpg,x,{}\nb.jpg,y,{}\n"
    for name, one, two in (
        ("is_train", 0, 1),
        ("fold", 1, 2),
        ("part", "train", "valid"),
    ):
        path = listed(folder, text.format(name, one, two))
        source = CsvSource(path)
        assert source.split_like == name
        assert f"{name!r} looks like a split" in source.notes[0]
        assert source.split("all").columns[name].tolist() == [
            str(one),
            str(two),
        ]
        assert open_source(f"csv:{path}?split=none").split_like is None
    same = CsvSource(listed(folder, text.format("fold", 1, 1)))
    assert same.split_like is None


def test_numbers_with_zeros_before_are_names(folder):
    text = "path,label\na.jpg,001\nb.jpg,010\nsub/c.jpg,002\n"
    source = CsvSource(listed(folder, text))
    assert source.class_names == ("001", "002", "010")
    path = listed(folder, "path,label\na.jpg,1\nb.jpg,01\n")
    with pytest.raises(ValueError, match="leading zeros.*'01' and '1'"):
        CsvSource(path)


def test_labels_that_look_like_several(folder):
    text = "path,label\na.jpg,cat\nb.jpg,dog\nsub/c.jpg,cat|dog\n"
    assert (
        "'cat|dog' looks like several"
        in (CsvSource(listed(folder, text)).notes[0])
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"path,label\na.jpg,%s\n" % (b"x" * 140_000), "row 2 is none.*131072"),
        (b"path,label\na.jpg,o\0k\n", "zero bytes"),
        (b"path,label,label\na.jpg,x,y\n", "'label' more than once"),
        (b"path,Label,label\na.jpg,x,y\n", "'label' more than once"),
        (b'path,label\na.jpg,"o\nak"\n', r"'o\\nak' in .*Rename"),
        (b"path,label\na.jpg,\x1b[2J\n", r"'\\x1b\[2J' in .*Rename"),
        (b'path,label\n"a\n.jpg",x\n', "holds a line break"),
        (b"path,label\n/proc/kmsg,x\nb.jpg,y\n", None),
        (b"path,label\n/dev/zero,x\n", "row 2: it is no plain file but a dev"),
        (b"path,label\na.jpg,%s\nb.jpg,0\n" % (b"9" * 5000), None),
    ],
)
def test_hostile_lists(folder, data, message):
    path = folder / "list.csv"
    path.write_bytes(data)
    if message is not None:
        with pytest.raises(ValueError, match=message):
            CsvSource(path)
        return
    bad = describe(CsvSource(path))["images"]["bad"]
    assert all("it is empty" in row["reason"] for row in bad)


def test_a_wrong_path_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is a folder"):
        CsvSource(tmp_path)
    table = tmp_path / "classes.csv"
    table.write_text("class\nx\n")
    with pytest.raises(ValueError, match="table of classes"):
        CsvSource(table)
