"""How a record changes: load it, let a pure rule decide, write it once, decide again after a lost race."""
