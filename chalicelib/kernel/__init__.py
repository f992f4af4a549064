"""How a record changes: it is loaded, a pure rule decides, one write stores the outcome. A lost race is repeated."""
