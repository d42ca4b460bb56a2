"""gRPC's round_robin, by grpcio: https://github.com/grpc/grpc. It is seen from outside, by servers that answer."""

import atexit
import json
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

# Otherwise it tells on the terminal of each server that is started as a process beside its threads.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

import grpc

from impls.registry import implementation
from spec.environment import Environment
from spec.load_balancing.picking.types import Pick, Pool

POLICY: dict[str, Any] = {"loadBalancingConfig": [{"round_robin": {}}]}
PATIENCE = 10
"""Seconds within which a server on this machine must have answered."""


@cache
def port(number: int) -> int:
    """The port on the loopback interface of the server of that number, which answers with that number."""
    answers = grpc.unary_unary_rpc_method_handler(lambda request, context: str(number).encode())
    server = grpc.server(ThreadPoolExecutor(1), options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("lawful", {"which": answers})])
    found: int = server.add_insecure_port("127.0.0.1:0")
    server.start()
    atexit.register(server.stop, None)
    return found


@implementation("load_balancing.round_robin", "grpcio", library="grpcio")
class RoundRobin:
    """A channel to as many servers as there are backends. A pick is a call, and whoever answers it was picked.

    Before the first pick all are connected: gRPC picks only of those that are, in the order in which they became so.
    """

    def __init__(self, config: Pool, env: Environment) -> None:
        self._names = [backend.name for backend in config.backends]
        target = ",".join(f"127.0.0.1:{port(number)}" for number in range(len(self._names)))
        options: list[Any] = [("grpc.service_config", json.dumps(POLICY)), ("grpc.use_local_subchannel_pool", 1)]
        self._channel = grpc.insecure_channel(f"ipv4:{target}", options=options)
        self._call = self._channel.unary_unary("/lawful/which")
        seen: set[str] = set()
        while len(seen) < len(self._names):
            seen.add(self._answer())

    def _answer(self) -> str:
        return self._names[int(self._call(b"", wait_for_ready=True, timeout=PATIENCE))]

    def pick(self) -> Pick:
        return Pick(self._answer())

    def close(self) -> None:
        self._channel.close()
