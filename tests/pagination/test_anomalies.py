"""What a specification permits is found by every check, with a short history that shows it."""

import pytest

from conformance.judge import Budget
from conformance.session import find, load, run
from impls.backends import Backends
from spec.pagination import SPECIFICATIONS


@pytest.mark.parametrize("name", [specification.name for specification in SPECIFICATIONS])
def test_every_anomaly_has_a_short_witness(name: str) -> None:
    (specification,) = find(name)
    sightings = run(specification, load(specification, "memory"), Budget(), Backends()).sightings
    assert [one.anomaly for one in sightings] == [anomaly.name for anomaly in specification.anomalies]
    lengths = {one.anomaly: len(one.witness.history.operations) for one in sightings if one.witness}
    assert len(lengths) == len(sightings)
    assert max(lengths.values()) <= 8
