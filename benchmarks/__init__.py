"""Figures of design budgets: counts and ratios, measured side by side in one run."""
