"""What the verbs below `bootstrap` say at their end."""

import json


def printed(arguments, found):
    """Prints JSON where that was asked for; returns whether it was.

    Args:
        arguments: What the parser returned, with `json`.
        found: What `json` can write.
    """
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    return arguments.json


def say_next(arguments):
    """Says what comes next; returns the exit code 0.

    Args:
        arguments: What the parser returned, with `project`.
    """
    from fgkeras.bootstrap.project import Project
    from fgkeras.jobs.bootstrapping.next_step import next_step

    step = next_step(Project(arguments.project))
    print(f"next: {step.command}    ({step.why})")
    return 0
