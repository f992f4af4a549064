"""HTTP routes, events and Lambda functions: the only code that imports Chalice. One file per audience."""
