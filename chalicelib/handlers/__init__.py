"""Front doors: the only code that knows Chalice. One file per audience."""
