"""The texts of all rooms in one table: the sentence that an answer has beside the code of an error."""
