import numpy as np
from PIL import Image

from fgkeras.report.suspects_page import KINDS
from fgkeras.report.suspects_page import suspect_galleries
from fgkeras.report.suspects_page import suspects_page


def suspect(kind="wrong_label", score=1.5, class_name="a", other_class="b"):
    """A row as the job writes it."""
    alone = kind in ("blank", "outlying")
    row = {
        "kind": kind, "score": score, "file": "train/a_b/<1>.jpg",
        "split": "train", "class": class_name,
        "other": None if alone else "test/b/2.jpg",
        "other_split": None if alone else "test",
        "other_class": None if alone else other_class,
    }  # fmt: skip
    return row | ({"mirrored": True} if kind.startswith("copy") else {})


def found_of(rows, network=9, detector="features"):
    counts = {kind: sum(r["kind"] == kind for r in rows) for kind in KINDS}
    return {
        "source": "folder:x", "splits": ["train"], "weights": "imagenet",
        "backbone": "mobilenet_v2", "size": 160, "least": 1.0,
        "detector": detector,
        "looked_at": {"images": 1234, "by_the_network": network,
                      "labels": network, "counted_wrong": 1234,
                      "copies_cut": False},
        "counts": counts, "rows": rows, "unread": [],
        "environment": {"python": "3.11"}, "seconds": 1.0,
    }  # fmt: skip


def picture(image_id):
    if image_id is None:
        raise AssertionError("asked for a picture of nothing")
    pixels = np.random.default_rng(0).integers(0, 255, (50, 70, 3), "uint8")
    return Image.fromarray(pixels)


def write(path, found):
    return suspects_page(
        path, found, title="x", read_picture=picture
    ).read_text("utf-8")


def test_every_kind_has_a_gallery_in_its_order(tmp_path):
    rows = [suspect(kind, 9.0 - i) for i, kind in enumerate(KINDS)]
    text = write(tmp_path / "s.html", found_of(rows))
    places = [text.index(f"{name}: 1</h2>") for name, _ in KINDS.values()]
    assert places == sorted(places)
    assert "score 9.00" in text
    assert text.count(", mirrored") == 3
    assert "1,234 pictures" in text
    # Names break at their joints, and stay what they are.
    assert "train/<wbr>a_<wbr>b/<wbr>&lt;1&gt;.jpg" in text


def test_the_surest_are_shown_and_the_others_counted(tmp_path):
    rows = [suspect(score=40.0 - i) for i in range(30)]
    (first, *_) = suspect_galleries(found_of(rows), lambda name: None)
    assert [c["score"] for c in first["cards"]] == [
        f"{40 - i}.00" for i in range(24)
    ]
    text = write(tmp_path / "s.html", found_of(rows))
    assert "Labels that look wrong: 30" in text
    assert "6 more in the JSON file" in text


def test_a_set_without_suspects_and_what_was_not_looked_for(tmp_path):
    found = found_of([], network=0)
    found["weights"] = None
    found["unread"] = [{"file": "<bad>", "reason": "cut"}]
    text = write(tmp_path / "s.html", found)
    assert text.count("not looked for") == 2
    assert "&lt;bad&gt;" in text
    assert "<ol" not in text


def test_who_found_a_label_stands_below_it(tmp_path):
    by = ["features", "out-of-fold"]
    rows = [
        suspect(score=3.0) | {"found_by": by},
        suspect(score=2.0) | {"found_by": by[1:]},
        suspect("blank", score=1.0),
    ]
    text = write(tmp_path / "s.html", found_of(rows, detector="both"))
    assert "score 3.00, found by features and out-of-fold<" in text
    assert "score 2.00, found by out-of-fold<" in text
    assert "score 1.00<" in text
    assert "Two detectors looked:" in text
    assert "counts 1,234 wrong labels" in text
    assert text.count("<dt>Labels") == 2
    # Where one looked, the page says it once.
    alone = write(tmp_path / "o.html", found_of(rows, detector="out-of-fold"))
    assert "found by" not in alone
    assert "<dt>Labels out-of-fold</dt>" in alone
    assert "five nearest pictures of another class" not in alone
    plain = write(tmp_path / "f.html", found_of(rows))
    assert "found by" not in plain
    assert "logistic" not in plain
