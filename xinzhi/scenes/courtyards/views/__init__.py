"""The pages: the office's desk, the household's phone, the inspector's walk."""
