"""Settings, AWS clients, clock, ids, errors and log. All rooms use them; they know nothing of exams."""
