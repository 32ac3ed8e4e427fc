"""The trail of every decision, state change and export: append-only, chained by hash."""
