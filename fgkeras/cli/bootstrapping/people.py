"""People: the page, links, and how far they are."""

from fgkeras.cli.bootstrapping.sayings import printed
from fgkeras.cli.bootstrapping.sayings import say_next


def add_people(add):
    """Adds `label`, `invite` and `status`.

    Args:
        add: Callable of a name, its help and what runs, that returns a parser.
    """
    label = add("label", "serve the labelling page", run_label, light=True)
    label.add_argument(
        "--name", default="me", metavar="NAME", help="who labels"
    )
    label.add_argument("--port", type=int, metavar="N")
    label.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="H",
        help="another address of this machine lets others in (plain HTTP); "
        "one, not 0.0.0.0",
    )
    label.add_argument("--open", action="store_true", help="open the page")
    invite = add(
        "invite", "print a link of one use for a person", run_invite, light=True
    )
    invite.add_argument("name", metavar="NAME")
    invite.add_argument(
        "--resume", action="store_true", help="who was paused may go on"
    )
    add(
        "status",
        "say where it stands, and what comes next",
        run_status,
        light=True,
    )


def run_label(arguments):
    """Serves the page."""
    from fgkeras.jobs.bootstrapping.label import label

    label(
        arguments.project,
        name=arguments.name,
        host=arguments.host,
        port=arguments.port,
        browser=arguments.open,
        say=lambda text: print(text, flush=True),
    )
    return say_next(arguments)


def run_invite(arguments):
    """Prints a link."""
    from fgkeras.jobs.bootstrapping.label import invite

    link = invite(arguments.project, arguments.name, resume=arguments.resume)
    if not printed(arguments, {"name": arguments.name, "link": link}):
        print(f"For {arguments.name}, once: {link}")
    return 0


def run_status(arguments):
    """Says where a project stands."""
    from fgkeras.cli.show import print_rows
    from fgkeras.jobs.bootstrapping.status import status

    found = status(arguments.project)
    if printed(arguments, found):
        return 0
    for origin, states in found["images"].items():
        words = ", ".join(
            f"{count} {'used' if state == 'in' else state}"
            for state, count in states.items()
        )
        print(f"{origin}: {words}")
    if found["rounds"]:
        print_rows(found["rounds"])
    if found["sets"]:
        names = ("accepted", "rejected", "kept", "renamed", "removed")
        counts = [
            f"{found['sets'][n]} {n}" for n in names if n in found["sets"]
        ]
        print(f"sets: {', '.join(counts)}")
    people = [p for p in found["labellers"] if p["decisions"]]
    for person in people:
        gold = ""
        if person["gold_answered"]:
            gold = (
                f", {person['gold_right']} of {person['gold_answered']} known "
                "ones right"
            )
        paused = f", paused: {person['paused']}" if person["paused"] else ""
        print(
            f"{person['name']}: {person['decisions']} decisions{gold}{paused}"
        )
    return say_next(arguments)
