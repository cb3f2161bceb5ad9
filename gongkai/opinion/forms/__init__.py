"""What is filled in about opinion."""
