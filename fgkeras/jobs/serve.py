"""Serves a run or an export over HTTP."""

import contextlib
import logging
import pathlib
import secrets
import shlex

from fgkeras.storage import scratch_folder
from fgkeras.web import is_loopback
from fgkeras.web import is_wildcard
from fgkeras.web import machine_addresses
from fgkeras.web import remote_warning
from fgkeras.web.listening import listening_sockets

PORT = 8501
CONNECTIONS = 768
_SHORTEST = 16


def serve(
    path,
    *,
    name=None,
    host="127.0.0.1",
    port=PORT,
    hosts=(),
    token=False,
    token_file=None,
    without_token=False,
    writable=False,
    batch_size=16,
    batch_wait=3.0,
    queue=256,
    deadline=30.0,
    max_body=16,
    keep_versions=2,
    say=print,
):
    """Serves a model until it is stopped.

    Only this machine reaches it, unless another address of it is given. A run
    is exported into a temporary folder first, and nothing is written into the
    run; an export is served as it is, and its new versions take over as they
    come.

    Args:
        path: Path of a run folder or of an exported SavedModel.
        name: String, the model in addresses, of letters, digits, `.`, `_` and
            `-`; `None` (default) means the name of the folder.
        host: String, one address or name of this machine. Another than of the
            loopback lets other machines in. Defaults to `"127.0.0.1"`.
        port: Int, or 0 for one that is free. Defaults to `8501`.
        hosts: Sequence of names under which other machines ask, such as that
            of a proxy. Defaults to none.
        token: Bool, whether all who ask need a token, which is made and told.
            Defaults to `False`.
        token_file: Path of a text file with that token, or `None` (default).
        without_token: Bool, whether other machines may ask without one.
            Defaults to `False`.
        writable: Bool, whether classes can be added to the gallery, with a
            token. Defaults to `False`.
        batch_size: Int at least 1, pictures that run together. Defaults to
            `16`.
        batch_wait: Float at least 0, in ms, that pictures wait for more where
            others queue. Defaults to `3`.
        queue: Int at least 1, pictures that may wait. Defaults to `256`.
        deadline: Float above 0, in s, until a request is given up. Defaults to
            `30`.
        max_body: Float above 0, in MB, of one request. Defaults to `16`.
        keep_versions: Int at least 1, versions that stay reachable by number.
            Defaults to `2`.
        say: Callable that is told addresses and warnings. Defaults to `print`.

    Raises:
        ValueError: If there is no such model, the port is taken, an option is
            out of range, or other machines would reach it without a token.
        FolderTaken: If another server adds to this gallery.

    Example:

    >>> serve("runs/birds")  # doctest: +SKIP
    birds, version 1, at http://127.0.0.1:8501
    """
    from fgkeras import web
    from fgkeras.serving import Additions
    from fgkeras.serving import Versions
    from fgkeras.serving import serving_app
    from fgkeras.serving.additions import FOLDER
    from fgkeras.serving.versions import folder_of_versions

    path = pathlib.Path(path)
    if batch_size < 1:
        raise ValueError(
            "`batch_size` must be at least 1. Received: "
            f"batch_size={batch_size!r}."
        )
    remote = not is_loopback(host)
    secret = _secret(token, token_file, writable)
    for_all = bool(token or token_file)
    if remote and not for_all and not without_token:
        raise ValueError(
            f"Other machines would reach this server at {host} and ask it "
            "without a token. Received: host without --token. Type --token, "
            "--token-file FILE, or --without-token where the network is "
            "trusted."
        )
    if not max_body > 0:
        raise ValueError(
            f"`max_body` must be above 0 MB. Received: max_body={max_body}."
        )
    is_run = _is_run(path)
    if writable and is_run:
        raise ValueError(
            "What is added is kept beside an export. Received: "
            f"{path}, a run. Export it first: fgkeras export {path} --out "
            f"FOLDER, then fgkeras serve FOLDER --writable."
        )
    name = name or _name_of(path)
    # Before a model is loaded for nothing.
    for one in listening_sockets(host, port):
        one.close()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_logged())
        if is_run:
            folder = stack.enter_context(scratch_folder("fgkeras-serve-"))
            from fgkeras.jobs.export import export

            say(f"Exporting {path}")
            export(path, folder)
        else:
            folder = path
        base = folder_of_versions(folder)
        place = base.parent if base.name == "saved_model" else base
        additions = Additions(place / FOLDER, writable=writable)
        stack.callback(additions.close)
        versions = Versions(
            folder,
            keep=keep_versions,
            batch_sizes=(1, 4, batch_size),
            additions=additions,
        )
        app = serving_app(
            versions,
            name=name,
            batch_size=batch_size,
            batch_wait=batch_wait / 1000,
            queue=queue,
            deadline=deadline,
            max_body=int(max_body * 1e6),
            token=secret,
            token_for_all=for_all,
            writable=writable,
            hosts=[*hosts, *(_asked_hosts(host) if remote else ())],
        )

        def ready(url):
            if remote:
                say(remote_warning(host))
            say(f"{name}, version {versions.get().number}, at {url}")
            about = versions.get().metadata.get("preprocessing", {})
            if "boxes" in about:
                say(about["boxes"]["note"])
            say("This is not TensorFlow Serving, though it is asked alike:")
            say(_curl(url, name, for_all))
            if secret and not token_file:
                use = "All who ask send" if for_all else "Who adds sends"
                say(f"{use}, and it is not shown again: Bearer {secret}")
            say("Stop with Ctrl+C.")

        web.serve(
            app,
            host=host,
            port=port,
            remote=remote,
            ready=ready,
            connections=CONNECTIONS,
        )


@contextlib.contextmanager
def _logged():
    """Shows, with their time, what becomes of versions while it serves."""
    logger = logging.getLogger("fgkeras.serving")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    before = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before


def _secret(token, token_file, writable):
    """The token, read or made, or `None`."""
    if token and token_file:
        raise ValueError(
            "A token is made or read. Received: --token and --token-file. "
            "Choose one."
        )
    if token_file:
        text = pathlib.Path(token_file).read_text("utf-8").strip()
        is_one = text.isascii() and text.isprintable() and " " not in text
        if len(text) < _SHORTEST or not is_one:
            raise ValueError(
                f"A token is one line of {_SHORTEST} characters or more. "
                f"Received: {token_file}, which holds none. Such as `openssl "
                "rand -hex 32` prints."
            )
        return text
    return secrets.token_urlsafe(32) if token or writable else None


def _is_run(path):
    return any((path / n).exists() for n in ("config.json", "model.keras"))


def _name_of(path):
    """A name made of a folder's, of what may stand in an address."""
    path = path.resolve()
    while path.name == "saved_model" or path.name.isdigit():
        path = path.parent
    kept = "".join(
        c if c.isascii() and (c.isalnum() or c in "._-") else "-"
        for c in path.name
    )
    return kept.strip("._-")[:64] or "model"


def _asked_hosts(host):
    """Names under which other machines ask for this one."""
    if is_wildcard(host):
        return [_bracketed(one) for one in machine_addresses()]
    return [_bracketed(host)]


def _bracketed(host):
    bare = host.strip("[]")
    return f"[{bare}]" if ":" in bare else bare


def _curl(url, name, for_all):
    bearer = ' -H "Authorization: Bearer TOKEN"' if for_all else ""
    address = shlex.quote(f"{url}/v1/models/{name}:predict")
    return (
        '  (printf \'{"instances":[{"b64":"\'; base64 < photo.jpg | '
        f"tr -d '\\n'; printf '\"}}]}}') | curl{bearer} -d @- {address}"
    )
