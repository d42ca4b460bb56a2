"""What is tried depends on the seed alone, not on which modules happen to be there."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis.internal.conjecture import providers


@contextmanager
def by_seed_alone() -> Iterator[None]:
    """Meanwhile Hypothesis draws no constants from the source of local modules.

    By itself it does (since 6.131), so that an edit of any module, or one that is imported earlier, would change what
    a seed tries and so, where a mistake is rare, the verdict. There is no setting for it; where a version has it
    otherwise, nothing is done.
    """
    if not all(hasattr(providers, name) for name in ("_get_local_constants", "GLOBAL_CONSTANTS", "CONSTANTS_CACHE")):
        yield
        return
    none, cache = type(providers.GLOBAL_CONSTANTS), type(providers.CONSTANTS_CACHE)(1024)
    with patch.multiple(providers, _get_local_constants=none, CONSTANTS_CACHE=cache):
        yield
