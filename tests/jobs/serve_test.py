"""What is served under which rules; the answers are in tests/serving."""

import json
import socket
import sys

import pytest
from starlette.testclient import TestClient

import fgkeras.serving
import fgkeras.web
from fgkeras.cli.main import main
from fgkeras.config import Config
from fgkeras.export.preprocessing import preprocessing
from fgkeras.jobs import serve
from fgkeras.jobs import train
from fgkeras.training.reporter import SILENT
from tests.export.conftest import picture
from tests.serving.conftest import b64


class Unloaded:
    """Versions of which none is loaded, which takes long."""

    metadata = {"preprocessing": preprocessing(96, None, 3)}

    def __init__(self, path, *, keep, batch_sizes, additions):
        self.additions = additions
        self.refused = {}
        self.number = 1

    def get(self, number=None):
        return self

    def numbers(self):
        return [1]

    def watch(self, seconds):
        pass

    def close(self):
        pass


@pytest.fixture
def export_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(fgkeras.serving, "Versions", Unloaded)
    (tmp_path / "trees" / "saved_model" / "1").mkdir(parents=True)
    return tmp_path / "trees"


@pytest.fixture
def started(monkeypatch):
    """Calls instead of a server; `ask` is called while it would run."""
    calls = []

    def serve(app, *, ready, **options):
        with TestClient(app, base_url="http://localhost") as client:
            ready("http://127.0.0.1:8501")
            for ask in serve.ask:
                options["answer"] = ask(client)
        calls.append(options)

    serve.ask = []
    monkeypatch.setattr(fgkeras.web, "serve", serve)
    # Nor are its sockets: 192.0.2.7 is nobody's.
    job = sys.modules["fgkeras.jobs.serve"]
    monkeypatch.setattr(job, "listening_sockets", lambda host, port: [])
    calls.append(serve)
    return calls


def test_it_says_where_it_is_and_what_it_is_not(export_folder, started, capsys):
    assert main(["serve", str(export_folder), "--name", "birds"]) == 0
    said = capsys.readouterr().out
    assert "birds, version 1, at http://127.0.0.1:8501" in said
    assert "not TensorFlow Serving" in said
    assert "curl" in said
    assert "/v1/models/birds:predict" in said
    assert "Bearer" not in said
    assert started[1]["host"] == "127.0.0.1"
    assert started[1]["remote"] is False
    assert not (export_folder / "gallery_additions").exists()


def test_it_says_that_it_crops_no_boxes(
    export_folder, started, capsys, monkeypatch
):
    about = {"preprocessing": preprocessing(96, None, 3, box_margin=0.1)}
    monkeypatch.setattr(Unloaded, "metadata", about)
    pages = []
    started[0].ask = [lambda client: pages.append(client.get("/").text)]
    assert main(["serve", str(export_folder), "--name", "birds"]) == 0
    said = capsys.readouterr().out
    assert "10 % of it on each side. It takes pictures as they come" in said
    assert "cropped to boxes" in pages[0]


def test_the_curl_line_works_in_a_shell():
    import subprocess

    from fgkeras.jobs.serve import _curl

    line = _curl("http://127.0.0.1:8501", "birds", True).strip()
    # Of curl only what it would send.
    line = line.replace("photo.jpg", "/dev/stdin").partition("| curl")[0]
    ran = subprocess.run(
        ["sh", "-c", line], input=picture(0), capture_output=True, check=True
    )
    assert json.loads(ran.stdout) == {"instances": [b64(picture(0))]}


def test_other_machines_need_a_token_or_a_word(
    export_folder,
    started,
    tmp_path,
):
    with pytest.raises(ValueError, match="--without-token"):
        serve(export_folder, host="192.0.2.7", say=[].append)
    said = []
    started[0].ask = [lambda client: client.get("/metrics").status_code]
    serve(export_folder, host="192.0.2.7", token=True, say=said.append)
    assert started[1]["remote"]
    assert started[1]["answer"] == 401
    assert "Other machines reach this server" in said[0]
    assert len([line for line in said if "Bearer" in line]) == 2
    started[0].ask = [
        lambda client: (
            client.get(
                "/metrics", headers={"host": "192.0.2.7:8501"}
            ).status_code
        ),
        lambda client: (
            client.get(
                "/metrics", headers={"host": "proxy.example"}
            ).status_code
        ),
    ]
    serve(
        export_folder, host="192.0.2.7", without_token=True, say=said.append,
        hosts=["proxy.example"],
    )  # fmt: skip
    assert started[2]["answer"] == 200
    secret = tmp_path / "token"
    secret.write_text("0123456789abcdef\n")
    bearer = {"authorization": "Bearer 0123456789abcdef"}
    started[0].ask = [
        lambda client: client.get("/metrics", headers=bearer).status_code
    ]
    said.clear()
    serve(export_folder, token_file=secret, say=said.append)
    assert started[3]["answer"] == 200
    assert "0123456789abcdef" not in "".join(said)


@pytest.mark.parametrize("text", ["", "short", "a" * 20 + "\n" + "b" * 20])
def test_a_token_in_a_file_is_one_long_line(export_folder, tmp_path, text):
    secret = tmp_path / "token"
    secret.write_text(text)
    with pytest.raises(ValueError, match="A token is one line"):
        serve(export_folder, token_file=secret)
    with pytest.raises(ValueError, match="Choose one"):
        serve(export_folder, token_file=secret, token=True)


@pytest.mark.slow
def test_a_run_is_exported_and_nothing_is_written_into_it(started, tmp_path):
    config = Config.read(
        changes={
            "data.source": "flora:species=3,images=8,test=2,size=32",
            "data.size": 32,
            "model.backbone": "small_cnn",
            "train.mode": "frozen",
            "train.epochs": 1,
            "evaluation.resamples": 0,
        }
    )
    run = tmp_path / "flowers"
    train(config, run, reporter=SILENT)
    before = sorted(path for path in run.rglob("*"))
    started[0].ask = [
        lambda client: client.post(
            f"/v1/models/{run.name}:predict",
            json={"instances": [b64(picture(0))]},
        ).json()
    ]
    said = []
    serve(run, say=said.append)
    (row,) = started[1]["answer"]["predictions"]
    assert row["valid"] is True
    assert sorted(path for path in run.rglob("*")) == before
    with pytest.raises(ValueError, match="Export it first"):
        serve(run, writable=True)


def test_a_port_that_is_taken_is_said_before_anything_is_loaded(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(
        fgkeras.serving, "Versions", lambda *a, **o: pytest.fail("loaded")
    )
    (tmp_path / "saved_model" / "1").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=f"port {port} of 127.0.0.1"):
            serve(tmp_path, port=port)


def test_what_is_no_model_is_named(tmp_path):
    with pytest.raises(ValueError, match="holds none"):
        serve(tmp_path)
    with pytest.raises(ValueError, match="max_body=0"):
        serve(tmp_path, max_body=0)


def test_a_name_is_made_of_the_folder(tmp_path):
    from fgkeras.jobs.serve import _name_of

    for path, name in (
        ("birds", "birds"),
        ("birds/saved_model/3", "birds"),
        ("my birds (new)", "my-birds--new"),
        ("云雀", "model"),
        ("x" * 90, "x" * 64),
    ):
        assert _name_of(tmp_path / path) == name
