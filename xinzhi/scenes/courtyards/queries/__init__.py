"""What one can see of rounds and courtyards: scope first, then filter, then shape."""
