import base64
import concurrent.futures
import hashlib
import json
import os
import stat

import pytest

from fgkeras.storage import DiskRefusal
from fgkeras.web import FileSessions
from fgkeras.web import MemorySessions
from fgkeras.web import digest


@pytest.fixture(params=["memory", "file"])
def sessions(request, tmp_path):
    if request.param == "memory":
        return MemorySessions()
    return FileSessions(tmp_path / "sessions.json")


def test_secrets_are_random_and_not_kept(sessions):
    tokens = [sessions.invite("Ann") for _ in range(20)]
    cookies = [sessions.redeem(token)[1] for token in tokens]
    secrets = tokens + cookies
    assert len(set(secrets)) == 40
    for secret in secrets:
        assert len(base64.urlsafe_b64decode(secret + "=")) == 32
        assert secret not in str(vars(sessions))
    assert digest("é") == hashlib.sha256("é".encode()).hexdigest()
    assert len(digest("\ud800")) == 64


def test_tokens_are_no_cookies_and_cookies_no_tokens(sessions):
    token = sessions.invite("Ann")
    assert sessions.person_of(token) is None
    person, cookie = sessions.redeem(token)
    assert person == sessions.person_of(cookie) == "Ann"
    assert sessions.redeem(cookie) is None
    assert sessions.redeem(digest(token)) is None
    assert sessions.person_of(digest(cookie)) is None
    assert sessions.person_of("") is None
    assert sessions.person_of("\ud800\xff") is None


def test_a_token_is_redeemed_once_by_many_at_once(sessions):
    token = sessions.invite("Ann")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(sessions.redeem, [token] * 50))
    assert sum(one is not None for one in found) == 1


def test_withdrawn_links_and_cookies_are_gone(sessions):
    first, second = sessions.invite("Ann"), sessions.invite("Ann")
    other = sessions.invite("Bob")
    _, cookie = sessions.redeem(first)
    sessions.withdraw("Ann")
    assert sessions.person_of(cookie) is None
    assert sessions.redeem(second) is None
    assert sessions.redeem(other)[0] == "Bob"


@pytest.mark.parametrize("person", ["", "  ", None, 3])
def test_a_person_has_a_name(sessions, person):
    with pytest.raises(ValueError, match="person="):
        sessions.invite(person)


def test_a_file_outlives_its_process_and_is_of_its_owner(tmp_path):
    path = tmp_path / "sessions.json"
    before = os.umask(0)
    try:
        used = FileSessions(path).invite("Ann")
        unused = FileSessions(path).invite("Bob")
        _, cookie = FileSessions(path).redeem(used)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["sessions.json"]
    text = path.read_text()
    assert not any(secret in text for secret in (used, unused, cookie))
    later = FileSessions(path)
    assert later.person_of(cookie) == "Ann"
    assert later.redeem(used) is None
    assert later.redeem(unused)[0] == "Bob"


def test_a_change_that_is_not_on_the_disk_does_not_count(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    sessions = FileSessions(folder / "sessions.json")
    token = sessions.invite("Ann")
    folder.rename(tmp_path / "away")
    with pytest.raises(DiskRefusal):
        sessions.redeem(token)
    (tmp_path / "away").rename(folder)
    assert sessions.redeem(token)[0] == "Ann"


@pytest.mark.parametrize(
    "kept",
    [
        "{",
        "[]",
        "{}",
        {"tokens": {}, "cookies": []},
        {"tokens": {"a": "Ann"}, "cookies": {}},
        {"tokens": {digest("a"): 3}, "cookies": {}},
    ],
)
def test_a_damaged_file_is_refused(kept, tmp_path):
    path = tmp_path / "sessions.json"
    path.write_text(kept if isinstance(kept, str) else json.dumps(kept))
    with pytest.raises(ValueError, match="send new links"):
        FileSessions(path)
