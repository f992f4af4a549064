"""What is sat: exams and their policies, timetables, papers, scoring, exam packs."""
