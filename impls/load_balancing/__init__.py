"""Implementations of load balancing."""
