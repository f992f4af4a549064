"""What a candidate keeps: certificates, their documents, and whether they are genuine."""
