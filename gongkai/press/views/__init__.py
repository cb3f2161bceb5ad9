"""The office screens of press."""
