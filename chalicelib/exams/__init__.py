"""Exams: policies, timetables, rosters, papers and scoring."""
