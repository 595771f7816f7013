"""Fairness that can be shown: how points are spread, how those who verify judge, and how sure one can be of it."""
