"""Threads that get in each other's way as much as they can."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def at_once(work: Callable[[int], object], number: int = 4) -> None:
    """Call it with 0, 1, 2 and so on, each in a thread of its own; what one of them raises is raised."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(number) as threads:
            list(threads.map(work, range(number)))
    finally:
        sys.setswitchinterval(interval)
