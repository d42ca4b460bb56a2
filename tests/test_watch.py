"""Calls that never return, and Ctrl-C."""

import signal
import socket
import threading
from contextlib import suppress
from typing import Any

import pytest

from conformance import watch
from conformance.watch import WATCH, Hangs


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PATIENCE", 1)
    monkeypatch.setattr(watch, "IMPATIENCE", 1)
    monkeypatch.setattr(watch, "TICK", 0.02)


def loop() -> None:
    while True:
        pass


def take_what_comes() -> None:
    for _ in range(3):
        with suppress(BaseException):
            loop()
    loop()


def wait_for_a_server() -> None:
    here, there = socket.socketpair()
    with here, there:
        here.recv(1)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("hang", [loop, threading.Event().wait, wait_for_a_server, take_what_comes])
def test_a_call_that_does_not_return_is_given_up(hang: Any) -> None:
    with WATCH, pytest.raises(Hangs):
        WATCH.call(hang)


@pytest.mark.usefixtures("impatient")
def test_a_hang_breaks_a_law_and_the_check_goes_on(lawful: Any) -> None:
    answer = lawful("check", "token_bucket", "acme:Deaf", "--examples", "60")
    assert answer.status == 1
    assert "VIOLATED  answers_every_call" in answer.out
    assert "  >   0.000000  acquire('a') -> no answer      no answer came\n" in answer.out
    assert "1 violated" in answer.out


@pytest.mark.usefixtures("impatient")
def test_a_close_that_hangs_is_not_waited_for(lawful: Any) -> None:
    assert "holds" in lawful("check", "token_bucket", "acme:hangs_in_close", "--examples", "3").out


@pytest.mark.usefixtures("impatient")
def test_a_factory_that_does_not_return_is_not_run(lawful: Any) -> None:
    answer = lawful("check", "token_bucket", "acme:asleep")
    assert answer.status == 2
    assert "the factory does not return for" in answer.out


@pytest.mark.usefixtures("impatient")
def test_ctrl_c_is_heard_before_the_next_call() -> None:
    done = []

    def press_then_call() -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
            done.append("it was not raised where it may be lost")
        WATCH.call(lambda: done.append("but here"))

    with pytest.raises(KeyboardInterrupt), WATCH:
        press_then_call()
    assert done == ["it was not raised where it may be lost"]


def test_ctrl_c_after_the_last_call_is_heard_at_the_end() -> None:
    with pytest.raises(KeyboardInterrupt), WATCH:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("impatient")
def test_ctrl_c_ends_a_call_that_does_not_return(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PATIENCE", 1_000_000)

    def press_and_loop() -> None:
        signal.raise_signal(signal.SIGINT)
        loop()

    with pytest.raises(KeyboardInterrupt), WATCH:
        WATCH.call(press_and_loop)


def test_off_duty_nothing_is_left_of_the_watch() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)
    with WATCH, WATCH:
        pass
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
