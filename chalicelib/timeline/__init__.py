"""The evidence timeline of attempts: one signed entry for each change, seals, and the check of all that is kept."""
