"""Pages: translate a request, call one service or query."""
