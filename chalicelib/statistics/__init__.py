"""Statistics of an exam after its end: questions, papers, groups, and the way from the list to the certificate."""
