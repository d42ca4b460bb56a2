"""pytest --lawful SPEC=MODULE:FACTORY: a test for each law, of one's own implementation or of any that is known.

Loaded by pytest wherever Lawful is installed, so it imports nothing until it is asked for something.
"""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.testing import Check

HELP = "check SPEC=MODULE:FACTORY, or all that is known of a specification or a block, or `all`; may be repeated"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lawful", "conformance to the laws of Lawful")
    group.addoption("--lawful", action="append", default=[], metavar="SPEC", help=HELP)
    group.addoption("--lawful-capability", action="append", default=[], metavar="NAME", help="what it declares")
    group.addoption("--lawful-profile", metavar="PROFILE", help="how much is tried: quick, default or thorough")
    group.addoption("--lawful-examples", type=int, metavar="N", help="histories to try for each implementation")
    group.addoption("--lawful-seed", type=int, metavar="N", help="the same seed gives the same verdicts")
    parser.addini("lawful", "as --lawful, one a line", type="linelist")
    parser.addini("lawful_profile", "as --lawful-profile", default="default")
    parser.addini("lawful_seed", "as --lawful-seed", default="0")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "lawful(specification): a law, judged by Lawful")
    if config.getoption("--lawful") and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = []  # laws were asked for, and no test files


def _asked(config: pytest.Config) -> list[str]:
    return [*config.getoption("--lawful"), *config.getini("lawful")]


@pytest.hookimpl(tryfirst=True)  # so that -k, -m and --lf choose among laws as among tests
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    for text in _asked(config):
        items += _laws(session, text)


def _laws(session: pytest.Session, asked: str) -> Iterator[pytest.Item]:
    """A test for each law of each implementation that is asked for."""
    from conformance import session as conformance
    from conformance.testing import Check

    config = session.config
    profile = config.getoption("--lawful-profile") or config.getini("lawful_profile")
    seed = config.getoption("--lawful-seed")
    try:
        tried = conformance.budget(
            profile,
            config.getoption("--lawful-examples"),
            seed=int(config.getini("lawful_seed")) if seed is None else seed,
        )
        specification, _, factory = asked.partition("=")
        selected = conformance.select(
            None if specification == "all" else specification, factory or None, config.getoption("--lawful-capability")
        )
    except (conformance.UsageError, ValueError) as error:
        raise pytest.UsageError(f"--lawful {asked}: {error}") from None
    for one, implementation in selected:
        check = Check(one, implementation, tried)
        for law in check.laws:
            yield LawItem.of(session, check, law.name)


class LawItem(pytest.Item):
    """One law and one implementation."""

    check: "Check"
    law: str

    @classmethod
    def of(cls, session: pytest.Session, check: "Check", law: str) -> "LawItem":
        scope = f"lawful::{check.specification.name}::{check.implementation.name}"
        item: LawItem = cls.from_parent(session, name=law, nodeid=f"{scope}::{law}")
        item.check, item.law = check, law
        item.add_marker(pytest.mark.lawful(check.specification.name))
        item.add_marker(pytest.mark.xdist_group(scope))
        item.extra_keyword_matches |= {check.specification.name, check.implementation.name}
        return item

    def runtest(self) -> None:
        self.check.conclude(self.law)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        return "lawful", None, self.law


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where laws are checked, those of one implementation go to one worker: it is run once."""
    if not _asked(config) or config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByImplementation(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.rpartition("::")[0] if nodeid.startswith("lawful::") else nodeid

    return ByImplementation(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers that were started, if there are any."""
    if testing := sys.modules.get("conformance.testing"):
        testing.close()
