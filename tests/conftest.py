"""Servers for the tests: those named in the environment, or else embedded ones; and the suite's own profile."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from conformance.environment import World
from impls.backends import Backends

settings.register_profile("lawful", deadline=None, print_blob=False)
settings.load_profile("lawful")


@pytest.fixture(scope="session")
def backends() -> Iterator[Backends]:
    with Backends.from_environment() as running:
        yield running


@pytest.fixture(scope="session")
def world(backends: Backends) -> Iterator[World]:
    with World(backends) as world:
        yield world
