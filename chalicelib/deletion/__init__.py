"""Deletion 删除: a person's face data and photos leave every store."""
