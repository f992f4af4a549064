"""What routes answer: typed allow-lists of what may leave the server, filled from the records of the rooms."""
