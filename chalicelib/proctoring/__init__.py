"""Random snapshots: when they are due, what one shows, and what all of them together mean."""
