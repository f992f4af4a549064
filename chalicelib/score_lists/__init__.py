"""Score lists 成绩单: everybody of an exam or a series with presence, times, scores, result and certificate."""
