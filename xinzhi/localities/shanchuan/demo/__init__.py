"""The demo township: synthetic people who look it, a year of deeds, through the same services as real data."""
