"""The office screens of letters: find, ask, act, show."""
