"""Why a message did not go out."""


class Undelivered(Exception):
    """A message that was not accepted. The words are kept and shown: no number, address or token in them."""
