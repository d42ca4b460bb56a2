"""Mappers of keys to backends, in memory."""
