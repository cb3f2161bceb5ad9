"""What is filled in about press: acts on a case, and the rows of rosters and registers."""
