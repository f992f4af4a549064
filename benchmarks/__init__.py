"""Measurements of the design budgets: counts and ratios, measured in one run."""
