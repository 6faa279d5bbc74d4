"""Serves the labelling page of a project."""

import threading
import webbrowser

from fgkeras.bootstrap.consensus import note_risks
from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store.people import labeller_name
from fgkeras.jobs.bootstrapping.pictures import pictures_of
from fgkeras.web import entry_link
from fgkeras.web import is_loopback
from fgkeras.web import is_wildcard
from fgkeras.web import machine_addresses
from fgkeras.web import remote_warning
from fgkeras.web import serve
from fgkeras.web.listening import listening_sockets

PORT = 8780
_OFTEN = 60.0  # Seconds.


def label(
    path, *, name="me", host="127.0.0.1", port=None, browser=False, say=print
):
    """Serves the labelling page until it is stopped.

    Only this machine reaches it, unless another address of it is given. A link
    of one use is printed for the labeller; others get theirs by `invite`.

    Args:
        path: Path of the project.
        name: String, whom the link is for. Defaults to `"me"`.
        host: String, one address or name of this machine. Another than of the
            loopback lets other machines in, who come by this address alone.
            Defaults to `"127.0.0.1"`.
        port: Int, or `None` (default) for 8780, or a free one where that is
            taken.
        browser: Bool, whether the page is opened. Defaults to `False`.
        say: Callable that is told the link, and warnings. Defaults to `print`.

    Raises:
        ValueError: If nothing has been scored yet, the port is taken, the
            name is none, or the host means all addresses.
        FolderTaken: If another server has the project.
    """
    from fgkeras.jobs.bootstrapping.next_step import next_step
    from fgkeras.jobs.bootstrapping.next_step import refuse_before

    name = labeller_name(name)
    _check_host(host)
    project = Project(path)
    if not project.rounds():
        refuse_before(project, "label", next_step(project))
    from fgkeras.bootstrap.page import label_app

    remote = not is_loopback(host)
    with project.serving():
        people = Labellers(project.store)
        pictures = pictures_of(project)
        hosts = [_bracketed(host)] if remote else []

        def ready(url):
            project.store.set("address", url)
            if remote:
                say(remote_warning(host))
            link = entry_link(url, people.invite(name))
            say(f"Labelling {project.path}. For {name}, once: {link}")
            say("Others: fgkeras bootstrap invite. Stop with Ctrl+C.")
            if browser:
                webbrowser.open(link)

        app = label_app(
            project.store,
            pictures.read,
            title=project.path.resolve().name,
            thumbnails=project.thumbnails,
            hosts=hosts,
        )
        ended = threading.Event()
        watch = threading.Thread(
            target=_keep_risks, args=(project.store, ended), daemon=True
        )
        watch.start()
        try:
            serve(
                app,
                host=host,
                port=_free(host, port),
                remote=remote,
                ready=ready,
            )
        finally:
            ended.set()


def _check_host(host):
    """Refuses all addresses: a link has one, and others would be refused."""
    if not is_wildcard(host):
        return
    there = machine_addresses()
    which = "None was found that others reach."
    if there:
        which = f"This machine has {', '.join(there)}."
    raise ValueError(
        "The page is served at one address, which its links carry. Received: "
        f"host={host!r}, which means all. {which} Type one of this machine "
        "(--host), or leave it out for this machine alone."
    )


def _bracketed(host):
    """A host as the header of a request has it."""
    bare = host.strip("[]")
    return f"[{bare}]" if ":" in bare else bare


def _free(host, port):
    """The port that was asked for, else the usual one, or any where taken."""
    if port is not None:
        return port
    try:
        sockets = listening_sockets(host, PORT)
    except ValueError:
        return 0
    for one in sockets:
        one.close()
    return PORT


def _keep_risks(store, ended):
    """Orders disagreements by risk, now and then, while people work."""
    seen = None
    while not ended.wait(_OFTEN):
        with store.reading() as db:
            last = db.execute("SELECT max(id) FROM decision").fetchone()[0]
        if last != seen:
            seen = last
            note_risks(store)


def invite(path, name, *, resume=False):
    """Returns a link of one use for a person.

    Args:
        path: Path of the project.
        name: String; a new one is added.
        resume: Bool, whether somebody who was paused may go on; their answers
            to known pictures are counted anew. Defaults to `False`.

    Returns:
        String, the link, at the address that is served or was last.

    Raises:
        ValueError: If the page was never served.
    """
    project = Project(path)
    url = project.store.setting("address")
    if url is None:
        raise ValueError(
            "A link has the address of the page. Received: "
            f"{path}, which was never served. Type: fgkeras bootstrap label "
            f"{path}"
        )
    people = Labellers(project.store)
    if resume:
        people.resume(name)
    return entry_link(url, people.invite(name))
