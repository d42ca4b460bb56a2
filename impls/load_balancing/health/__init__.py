"""Implementations of health checkers."""
