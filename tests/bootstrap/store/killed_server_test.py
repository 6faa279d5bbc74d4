"""A tenth of `experiments/bootstrapping/kills.py`."""

import pytest


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_server_is_killed():
    from experiments.bootstrapping.kills import tried

    found = tried(5, 500, seed=1)
    assert found["trouble"] == []
    assert found["kills"] >= 5
    assert found["acknowledged"] >= 500
    assert found["lost"] == found["integrity_failures"] == 0
    assert found["differences"] == []
