"""An address as a QR code: the path of an SVG drawing, so that a reader can take a page along on the phone."""

from __future__ import annotations

MASK = 3  # one of the eight patterns: trying all of them for the prettiest costs four fifths of the time


def path(address: str) -> tuple[str, int]:
    """The dark squares as one SVG path in units of a square, and the side of the whole with its quiet zone."""
    import qrcode  # and Pillow with it: only a document page draws one

    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M, mask_pattern=MASK)
    code.add_data(address)
    code.make(fit=True)
    squares = code.get_matrix()
    drawn = "".join(
        f"M{x} {y}h1v1h-1z" for y, line in enumerate(squares) for x, is_dark in enumerate(line) if is_dark
    )
    return drawn, len(squares)
