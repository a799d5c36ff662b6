"""Where the command line prints its results: standard output, one text at a time."""

import sys


def say(text: str) -> None:
    """Print ``text`` and a line break."""
    sys.stdout.write(text + "\n")
