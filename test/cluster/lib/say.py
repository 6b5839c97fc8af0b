"""Progress for people, and the one error that ends the tool with a sentence instead of a trace."""

import sys


class Failure(Exception):
    """What went wrong, why, and what to do about it."""


def say(text: str) -> None:
    print(f"cluster: {text}", file=sys.stderr, flush=True)
