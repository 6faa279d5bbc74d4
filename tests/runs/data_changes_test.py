"""No verb gives a silent wrong number after the data of a run changed."""

import pytest

from experiments.data_changes import sets
from experiments.data_changes import verbs

CHANGES = (*sets.CHANGES, *verbs.MOVES)


@pytest.fixture(scope="module")
def bench(tmp_path_factory, request):
    root = tmp_path_factory.mktemp("data_changes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FGKERAS_CACHE", str(root / "cache"))
        yield verbs.Bench(root / "bench", *request.param)


@pytest.mark.parametrize("bench", [("folder", "unseen")], indirect=True)
@pytest.mark.parametrize(
    ("change", "verb"),
    [
        ("class renamed", "train"),
        ("pictures changed", "evaluate"),
        ("images removed", "evaluate"),
        ("images added", "evaluate --data"),
        ("pictures changed", "retrieve"),
    ],
)
def test_folder(bench, change, verb):
    for name, said in bench.after(change, [verb]):
        assert bench.fault(change, name, said) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "bench",
    [("folder", "classifier"), ("folder_splits", "embedding")],
    indirect=True,
)
def test_folders_in_full(bench):
    for change in CHANGES:
        for name, said in bench.after(change):
            assert bench.fault(change, name, said) is None, (change, name)
