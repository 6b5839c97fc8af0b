"""Waiting for something real, and watching that something does not happen."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")
EVERY = 0.5  # seconds; each look starts a kubectl


def eventually(what: str, look: Callable[[], Seen], within: float, also: Callable[[], None] = lambda: None) -> Seen:
    """The first answer of `look` that is true. `also` is called between looks and may raise when waiting has become vain."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if seen:
            return seen
        also()
        assert time.monotonic() < deadline, f"not within {within:.0f} s: {what}; last seen: {seen!r}"
        time.sleep(EVERY)


def never(what: str, look: Callable[[], object], during: float, also: Callable[[], None] = lambda: None) -> None:
    """Looks again and again for so many seconds, and demands that every answer is false."""
    deadline = time.monotonic() + during
    while time.monotonic() < deadline:
        seen = look()
        assert not seen, f"{what}: {seen!r}"
        also()
        time.sleep(EVERY)
