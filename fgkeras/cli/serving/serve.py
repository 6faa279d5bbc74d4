"""Serve a run or an export over HTTP, to this machine or to others: a page
that takes a picture, the interface of TensorFlow Serving (which this is not),
that of the Open Inference Protocol, and numbers for Prometheus.

fgkeras serve runs/birds
fgkeras serve exports/birds --writable
fgkeras serve exports/birds --host 192.168.1.20 --token-file token.txt
"""


def add_arguments(parser):
    """Adds the verb's options."""
    parser.add_argument("path", metavar="RUN_OR_EXPORT")
    parser.add_argument(
        "--name",
        metavar="NAME",
        help="the model in addresses (name of the folder)",
    )
    parser.add_argument("--port", type=int, default=8501, metavar="N")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="H",
        help="another address of this machine lets others in (plain HTTP)",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="H",
        help="a name under which others ask, such as that of a proxy",
    )
    parser.add_argument(
        "--token",
        action="store_true",
        help="make a token, print it once, and ask everybody for it",
    )
    parser.add_argument(
        "--token-file", metavar="FILE", help="the same, with the token in FILE"
    )
    parser.add_argument(
        "--without-token",
        action="store_true",
        help="let other machines ask without one",
    )
    parser.add_argument(
        "--writable",
        action="store_true",
        help="classes can be added to the gallery of an export, with a token",
    )
    parser.add_argument(
        "--batch-size", type=int, default=16, metavar="N",
        help="pictures that run together (16)",
    )  # fmt: skip
    parser.add_argument(
        "--batch-wait", type=float, default=3.0, metavar="MS",
        help="how long pictures wait for more, where others queue (3)",
    )  # fmt: skip
    parser.add_argument(
        "--queue", type=int, default=256, metavar="N",
        help="pictures that may wait; more get 503 (256)",
    )  # fmt: skip
    parser.add_argument(
        "--deadline", type=float, default=30.0, metavar="S",
        help="seconds until a request is given up (30)",
    )  # fmt: skip
    parser.add_argument(
        "--max-body", type=float, default=16.0, metavar="MB",
        help="largest request (16)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-versions", type=int, default=2, metavar="N",
        help="versions that stay reachable by number (2)",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments):
    """Serves until it is stopped."""
    from fgkeras.jobs.serve import serve

    serve(
        arguments.path,
        name=arguments.name,
        host=arguments.host,
        port=arguments.port,
        hosts=arguments.allow_host,
        token=arguments.token,
        token_file=arguments.token_file,
        without_token=arguments.without_token,
        writable=arguments.writable,
        batch_size=arguments.batch_size,
        batch_wait=arguments.batch_wait,
        queue=arguments.queue,
        deadline=arguments.deadline,
        max_body=arguments.max_body,
        keep_versions=arguments.keep_versions,
        say=lambda text: print(text, flush=True),
    )
    return 0
