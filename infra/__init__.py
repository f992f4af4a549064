"""The AWS template, packaging and deployment of the functions, and the embedded cloud."""
