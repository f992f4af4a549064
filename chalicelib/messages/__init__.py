"""The sentences of all rooms put together: what an answer says beside the code of an error."""
