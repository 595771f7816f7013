"""Looks over draft rules before villagers vote on them: what is wrong, why, by which article, what instead."""

from xinzhi.scenes.governance_points.linting.budget import Budget
from xinzhi.scenes.governance_points.linting.finding import Finding
from xinzhi.scenes.governance_points.linting.linter import lint

__all__ = ["Budget", "Finding", "lint"]
