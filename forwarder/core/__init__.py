"""The national core: what it may answer, and how each of its dialects is spoken."""
