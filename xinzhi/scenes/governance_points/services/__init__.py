"""The business acts of governance points, one file per group of acts."""
