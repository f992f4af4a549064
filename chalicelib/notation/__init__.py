"""Texts, HTML, formulas and pictures of files to content, and content to text again."""
