import pytest

from fgkeras.web import Bearer
from fgkeras.web import Guard
from fgkeras.web import digest
from tests.web.asking import Recorder
from tests.web.asking import ask

TOKENS = {digest("first"): "nightly", digest("second"): "Ann"}


@pytest.mark.parametrize(
    ("sent", "person"),
    [
        (["Bearer first"], "nightly"),
        (["bearer second"], "Ann"),
        (["Bearer"], None),
        (["Bearer "], None),
        (["Bearer firs"], None),
        (["Bearer " + digest("first")], None),
        (["Basic first"], None),
        (["first"], None),
        (["Bearer first", "Bearer first"], None),
        ([], None),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_a_token_comes_in(sent, person, method):
    app = Recorder()
    headers = [
        ("host", "localhost"),
        ("content-type", "application/json"),
        *(("authorization", value) for value in sent),
    ]
    answer = ask(Guard(Bearer(app, TOKENS)), method, headers=headers)
    if person is None:
        assert answer.status == 401
        assert app.people == []
        assert answer.values(b"www-authenticate") == [b"Bearer"]
        assert answer.values(b"x-content-type-options") == [b"nosniff"]
    else:
        assert answer.status == 200
        assert app.people == [person]


@pytest.mark.parametrize("tokens", [{}, {"secret": "Ann"}])
def test_refuses_tokens_that_are_not_digested(tokens):
    with pytest.raises(ValueError, match="digest") as caught:
        Bearer(Recorder(), tokens)
    assert "secret" not in str(caught.value)
