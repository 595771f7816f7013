"""Example: a village notes what it wants to find again (村里的小台账)."""
