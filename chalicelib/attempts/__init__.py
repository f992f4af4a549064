"""One person's exam: check-in, waiting room, paper, answers, submission. One item, pure rules."""
