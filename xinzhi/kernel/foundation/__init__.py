"""Words every package shares: errors, actors, the clock, money and points, paging. No tables."""
