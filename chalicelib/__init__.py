"""Kaochang 考场: qualification exams taken at home under camera watch."""
