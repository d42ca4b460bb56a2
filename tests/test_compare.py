"""A count that grows fails a comparison of two commits; a time that does only warns."""

from typing import Any

from rich.console import Console

from benchmarks.compare import bounds, differences, show

COLUMNS = ["result", "params", "version", "samples"]


def results(**found: Any) -> dict[str, Any]:
    """As asv writes them: of each benchmark the figures, by one parameter, and perhaps samples."""
    rows = {}
    for name, (figures, *samples) in found.items():
        parameters = [[f"'{letter}'" for letter in "abc"[: len(figures)]]]
        rows[name.replace("__", ".")] = [figures, parameters, "1", *samples]
    return {"result_columns": COLUMNS, "results": rows}


def status(before: dict[str, Any], after: dict[str, Any]) -> tuple[int, str]:
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    return show(console, list(differences(before, after))), console.export_text()


def test_a_count_that_grows_fails() -> None:
    code, told = status(results(a__track_statements=([1.0, 2.0],)), results(a__track_statements=([1.0, 3.0],)))
    assert code == 1
    assert "a.track_statements('b')" in told
    assert "a.track_statements('a')" not in told
    assert "1 counts have grown" in told


def test_a_count_that_falls_or_stays_does_not() -> None:
    code, told = status(results(a__track_statements=([2.0, 2.0],)), results(a__track_statements=([1.0, 2.0],)))
    assert code == 0
    assert "better" in told


def test_a_time_that_is_surely_longer_only_warns() -> None:
    slow, fast = [2.0, 2.1, 2.2, 2.0, 2.1], [1.0, 1.1, 1.2, 1.0, 1.1]
    code, told = status(results(a__time_run=([1.1], [fast])), results(a__time_run=([2.1], [slow])))
    assert code == 0
    assert "slower" in told


def test_a_time_that_may_be_noise_is_not_told() -> None:
    one, other = [1.0, 1.3, 1.1, 0.9, 1.2], [1.1, 1.0, 1.3, 1.2, 0.9]
    code, told = status(results(a__time_run=([1.1], [one])), results(a__time_run=([1.2], [other])))
    assert (code, "slower" in told) == (0, False)


def test_what_is_missing_or_another_thing_is_not_compared() -> None:
    nothing = results(a__track_statements=([float("nan")],), b__track_rows=([1.0],))
    other = results(a__track_statements=([5.0],), c__track_rows=([1.0],))
    assert list(differences(nothing, other)) == []
    newer = results(a__track_statements=([5.0],))
    newer["results"]["a.track_statements"][2] = "2"
    assert list(differences(results(a__track_statements=([1.0],)), newer)) == []


def test_the_interval_is_the_same_every_time_and_holds_the_ratio() -> None:
    before, after = [1.0, 1.2, 0.9, 1.1], [2.0, 2.3, 1.9, 2.1]
    low, high = bounds(before, after)
    assert (low, high) == bounds(before, after)
    assert low < 2.05 / 1.05 < high


def test_memory_and_ratios_of_times_only_warn_and_only_if_they_grow_much() -> None:
    before, after = results(a__track_allocated=([300.0, 300.0],)), results(a__track_allocated=([360.0, 600.0],))
    code, told = status(before, after)
    assert code == 0
    assert "track_allocated('b')" in told
    assert "track_allocated('a')" not in told
