"""What a pick costs: asv's benchmarks of balancers and hashes, made from the registry of workloads."""

from benchmarks.as_asv import classes

globals().update(classes("load_balancing"))
