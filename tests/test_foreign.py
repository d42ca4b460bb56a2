"""What others keep on a server that was given is left as it was, byte for byte."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy
from sqlalchemy import create_engine, text

from impls.embedded import start_postgres, start_valkey

CATALOGUES = {
    "pg_namespace": "nspname",
    "pg_class": "oid, relname, relfilenode",
    "pg_proc": "oid, proname",
    "pg_extension": "extname",
    "pg_database": "datname",
    "pg_roles": "rolname, rolconfig",
    "pg_db_role_setting": "setconfig",
}


@pytest.fixture(scope="module")
def urls() -> Iterator[tuple[str, str]]:
    """Of a Valkey and a PostgreSQL that are somebody's production."""
    with ExitStack() as stack:
        directories = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        yield start_valkey(directories[0], stack), start_postgres(directories[1], stack)


def fill(client: Any, engine: sqlalchemy.Engine) -> None:
    """With what looks most like ours."""
    for database in (0, 3):
        client.execute_command("SELECT", database)
        client.set("lawful-0123456789ab-1a", "another's run")
        client.set("a", "1", ex=3600)
        client.set("*", b"\\x00\\xff")
        client.hset("lawful", mapping={"tokens": 1.5})
        client.zadd("{a}", {"x": 1.0, "y": 2.0})
        client.rpush("user:1", 1, 2, 3)
    client.execute_command("SELECT", 0)
    with engine.begin() as connection:
        connection.execute(text("create table buckets (key text primary key, tokens numeric)"))
        connection.execute(text("insert into buckets values ('a', 1), ('b', 2.5)"))
        connection.execute(text("create schema lawful_0123456789ab"))
        connection.execute(text("create table lawful_0123456789ab.buckets as select * from buckets"))


def everything(client: Any, engine: sqlalchemy.Engine) -> Any:
    keys: dict[Any, Any] = {}
    for database in range(16):
        client.execute_command("SELECT", database)
        keys |= {(database, key): (client.dump(key), client.expiretime(key)) for key in client.keys("*")}
    client.execute_command("SELECT", 0)
    config = client.config_get("*")
    with engine.connect() as connection:
        rows = [
            sorted(map(str, connection.execute(text(f"select ctid, xmin, t.* from {table} t"))))
            for table in ("buckets", "lawful_0123456789ab.buckets")
        ]
        catalogues = [
            sorted(map(str, connection.execute(text(f"select {columns} from {name}"))))
            for name, columns in CATALOGUES.items()
        ]
    return keys, config, rows, catalogues


@pytest.mark.parametrize("what", [["fixed_window"], ["sliding_window_log", "--jobs", "1"], ["mutants"]])
def test_a_run_on_given_servers_leaves_them_as_they_were(lawful: Any, urls: tuple[str, str], what: list[str]) -> None:
    engine = create_engine(urls[1], poolclass=sqlalchemy.NullPool)
    with redis.Redis.from_url(urls[0], single_connection_client=True) as client:
        if not client.dbsize():
            fill(client, engine)
        before = everything(client, engine)
        given = ["--redis-url", urls[0], "--postgres-url", urls[1]]
        if what == ["mutants"]:
            answer = lawful("mutants", "token_bucket", "--seeds", "1", "--examples", "3", *given)
        else:
            answer = lawful("check", *what, "--examples", "10", *given)
            assert "not run" not in answer.out
        assert everything(client, engine) == before
