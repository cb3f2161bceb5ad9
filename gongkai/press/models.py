"""The records of press."""
