"""How a record changes: load it, let a pure rule decide, write once under a condition, decide again after a lost race."""
