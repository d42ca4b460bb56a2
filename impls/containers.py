"""Servers in containers, by testcontainers: the real Redis, and PostgreSQL as others run it.

Containers end with the stack they were started on. If this process is killed, the companion container of testcontainers
removes them.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

IMAGES = {"redis": ("redis:8", 6379), "postgres": ("postgres:18", 5432)}
"""Of each backend the image, and the port in it."""

PATIENCE = 60.0
"""Seconds that a server in a container may take to answer, once its image is there."""


class CannotStartContainer(Exception):
    """The message says why."""


def start_container(backend: str, stack: ExitStack, ping: Callable[[str], object]) -> str:
    """Start a server; its URL.

    ping: raises as long as the server of a URL does not answer.

    Raises:
        CannotStartContainer: there is no engine, no image, or no answer.
    """
    try:
        from testcontainers.core.container import DockerContainer
    except ImportError as error:
        raise CannotStartContainer("the package testcontainers is missing: pip install 'lawful[containers]'") from error
    image, port = IMAGES[backend]
    try:
        container: Any = DockerContainer(image).with_exposed_ports(port).with_env("POSTGRES_PASSWORD", "lawful")
        container.start()
    except Exception as error:
        raise CannotStartContainer(
            f"no container engine runs {image} ({first_line(error)}): start Docker or Podman"
        ) from error
    stack.callback(container.stop)
    place = f"{container.get_container_host_ip()}:{container.get_exposed_port(port)}"
    url = {
        "redis": f"redis://{place}/0",
        "postgres": f"postgresql+psycopg://postgres:lawful@{place}/postgres",
    }[backend]
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            ping(url)
            return url
        except Exception as error:
            if time.monotonic() > deadline:
                raise CannotStartContainer(f"{image} does not answer at {place} ({first_line(error)})") from error
            time.sleep(0.1)


def first_line(error: BaseException) -> str:
    """Of what an error says."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
