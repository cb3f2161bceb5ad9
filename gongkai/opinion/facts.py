"""The vocabulary of opinion."""
