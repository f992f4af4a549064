"""Exam packs to start from, and a demo that plays an exam day with them."""
