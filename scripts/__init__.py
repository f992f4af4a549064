"""Commands that `make` calls and that are not part of the product."""
