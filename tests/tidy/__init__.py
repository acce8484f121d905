"""Style is a test: what the code must look like, held by code."""
