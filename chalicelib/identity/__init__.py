"""Who a candidate says they are: profile, ID number, ID photo, and the comparison of faces with it."""
