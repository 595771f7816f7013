"""Reads of governance points: scope first, then filter, then shape."""
