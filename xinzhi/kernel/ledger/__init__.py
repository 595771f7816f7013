"""Double entry over many units: balanced, append-only, idempotent, never negative where forbidden."""
