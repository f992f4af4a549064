"""The preview of a bank: a page on which publishers look through all questions as candidates will see them."""
