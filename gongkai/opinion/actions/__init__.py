"""The verbs of opinion: the only files of the room that write."""
