"""The suite: it makes things happen, and judges what came of them.

In a test module, `conformance.suite(...)` makes a class of tests out of an implementation; see `conformance.testing`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.testing import suite as suite


def __getattr__(name: str) -> Any:
    """`suite` is loaded when it is used: it needs pytest, and the command does not."""
    if name == "suite":
        from conformance.testing import suite

        return suite
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
