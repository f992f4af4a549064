"""Exam packs to start from, and a candidate who lives a day on them."""
