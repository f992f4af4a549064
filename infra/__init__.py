"""What surrounds the functions: the AWS template, packaging, and the embedded cloud."""
