"""The vocabulary of press."""
