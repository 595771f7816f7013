"""Pages of the village's board: lists, objections, messages."""
