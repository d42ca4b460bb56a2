"""What a request costs: asv's benchmarks of caches, made from the registry of workloads."""

from benchmarks.as_asv import classes

globals().update(classes("caching"))
