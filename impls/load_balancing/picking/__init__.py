"""Implementations of balancers that pick."""
