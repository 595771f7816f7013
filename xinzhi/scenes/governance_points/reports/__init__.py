"""The forms a township asks for every month, filled from what is stored, each figure with its source."""
