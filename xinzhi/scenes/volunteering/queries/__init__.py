"""What one sees here, scope first."""
