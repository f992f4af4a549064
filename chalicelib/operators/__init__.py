"""Operators: who may decide over somebody, and how they prove that it is them."""
