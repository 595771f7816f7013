"""Pages of the register: rosters, a household with its history, and what happens to it."""
