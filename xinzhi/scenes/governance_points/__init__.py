"""Governance points (信治积分): a deed travels from claim to statement."""
