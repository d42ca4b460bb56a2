"""The entry point of the command `lawful`."""

import signal


def main() -> None:
    """Load the command and run it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while it loads, Ctrl-C ends it, and not by a traceback
    from conformance import cli

    cli.main()


if __name__ == "__main__":
    main()
