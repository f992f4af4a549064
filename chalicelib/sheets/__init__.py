"""Workbooks and text tables: what a person sees in their cells is read, and sheets are written."""
