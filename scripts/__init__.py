"""Commands of the project: what `make` calls beside the product."""
