"""What is filled in about documents: lists and texts, acts, the catalogue, the site."""
