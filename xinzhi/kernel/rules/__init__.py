"""Dated, versioned rule tables with legal basis: an event is scored by the version in force on its day."""
