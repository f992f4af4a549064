"""Finding people for operators: what was typed, whom it leads to, and the record of each look-up."""
