"""Readers of the formats in which other systems and offices keep questions. Each gives the same typed rows."""
