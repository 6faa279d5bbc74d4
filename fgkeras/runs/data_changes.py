"""What came, went and changed since a run recorded its data."""

_SHOWN = 3


def differences(kept, now):
    """Says how two descriptions of images differ.

    Args:
        kept: `Part` as it was.
        now: `Part` as it is.

    Returns:
        Dict of a word to a list of ids: `came`, `went`, `of another class`,
        `with other contents`, `with another box`; empty if nothing differs.
        Contents and boxes are compared where both sides know them.
    """
    before = {image_id: i for i, image_id in enumerate(kept.ids)}
    after = {image_id: i for i, image_id in enumerate(now.ids)}
    both = [(i, before[i], after[i]) for i in kept.ids if i in after]
    known = kept.classes is not None and now.classes is not None
    found = {
        "came": [i for i in now.ids if i not in before],
        "went": [i for i in kept.ids if i not in after],
        "of another class": [
            i for i, a, b in both if known and kept.classes[a] != now.classes[b]
        ],
        "with other contents": [
            i for i, a, b in both if _changed(kept, a, now, b)
        ],
        "with another box": [
            i
            for i, a, b in both
            if kept.boxes and now.boxes and kept.boxes[a] != now.boxes[b]
        ],
    }
    return {word: ids for word, ids in found.items() if ids}


def in_words(found):
    """Returns a dict of words to lists of names as text, with examples.

    >>> in_words({"came": ["oak/7.jpg"], "went": []})
    '1 came (oak/7.jpg)'
    """
    texts = []
    for word, names in found.items():
        if names:
            more = ", ..." if len(names) > _SHOWN else ""
            shown = ", ".join(names[:_SHOWN])
            texts.append(f"{len(names)} {word} ({shown}{more})")
    return ", ".join(texts)


def changes(kept, now):
    """Says in words how the data of a run changed.

    Args:
        kept: `RunData` of the run.
        now: `RunData` of the same config, today.

    Returns:
        String, such as `"train images: 1 came (oak/7.jpg)"`; empty if nothing
        differs. The order of classes and of images is no difference.
    """
    texts = {}
    for what, before, after in (
        ("classes", kept.class_names, now.class_names),
        ("classes tested on", kept.test_class_names, now.test_class_names),
    ):
        found = {
            "came": sorted(set(after) - set(before)),
            "went": sorted(set(before) - set(after)),
        }
        # A closed set is tested on the classes it was trained on.
        if in_words(found) and in_words(found) not in texts.values():
            texts[what] = in_words(found)
    for role, part in kept.parts.items():
        there = now.parts.get(role)
        found = (
            {"went": part.ids} if there is None else differences(part, there)
        )
        if found:
            texts[f"{role} images"] = in_words(found)
    parents = _changed_parents(kept, now)
    if parents:
        texts["parents"] = in_words(parents)
    return "; ".join(f"{what}: {text}" for what, text in texts.items())


def _changed_parents(kept, now):
    """Columns and classes whose parents, where trained by, are others."""
    if not kept.parents:
        return {}  # Runs of earlier versions note none.
    moved = {}
    for column, parents in now.parents.items():
        before = dict(
            zip(kept.class_names, kept.parents.get(column, ()), strict=False)
        )
        for name, parent in zip(now.class_names, parents, strict=True):
            if before.get(name, parent) != parent:
                moved[name] = None
    found = {
        "came": [c for c in now.parents if c not in kept.parents],
        "went": [c for c in kept.parents if c not in now.parents],
        "of another parent": list(moved),
    }
    return {word: names for word, names in found.items() if names}


def _changed(kept, i, now, j):
    """Whether an image's contents are others, as far as both sides know."""
    for one, two in ((kept.sha256, now.sha256), (kept.stamps, now.stamps)):
        if one and two and one[i] is not None and two[j] is not None:
            return one[i] != two[j]
    return False
