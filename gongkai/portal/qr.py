"""An address as a QR code: the path of an SVG drawing, so that a reader can take a page along on the phone.

With one mask and one length every square is a sum (exclusive or) of bits of the address. So the code of an address is that
of another one of its length, with the squares turned that each other character turns: these are kept.
"""

from __future__ import annotations

import re
from functools import lru_cache

MASK = 3  # one of the eight patterns: trying all of them for the prettiest costs four fifths of the time
QUIET = 4  # squares left white around
RUN = re.compile("1+")
WIDE = [f"h{width}v1h-{width}z" for width in range(178)]  # the largest code has 177 squares to a side
_first: dict[int, bytes] = {}  # an address of each length


def path(address: str) -> tuple[str, int]:
    """The dark squares as one SVG path in units of a square, and the side of the whole with its quiet zone."""
    wanted = address.encode()
    first = _first.setdefault(len(wanted), wanted)
    squares, side = _squares(first)
    for at, (one, other) in enumerate(zip(first, wanted, strict=True)):
        if one != other:
            squares ^= _turned(first, at, other)
    bits = f"{squares:0{side * side}b}"
    drawn = "".join([_line(bits[y * side : (y + 1) * side], y + QUIET) for y in range(side)])
    return drawn, side + 2 * QUIET


@lru_cache(maxsize=4_096)
def _line(bits: str, y: int) -> str:
    """The dark squares of a line: addresses that differ little have most of their lines alike."""
    runs = (run.span() for run in RUN.finditer(bits))
    return "".join(f"M{start + QUIET} {y}{WIDE[end - start]}" for start, end in runs)


@lru_cache(maxsize=8_192)
def _turned(first: bytes, at: int, other: int) -> int:
    """The squares that turn when one byte of an address is another one."""
    changed = first[:at] + bytes([other]) + first[at + 1 :]
    return _squares(changed)[0] ^ _squares(first)[0]


@lru_cache(maxsize=64)
def _squares(address: bytes) -> tuple[int, int]:
    """The squares, line by line, as one number, dark ones set; and the side."""
    import qrcode  # and Pillow with it: only a document page draws one

    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M, mask_pattern=MASK)
    code.add_data(address, optimize=0)
    code.make(fit=True)
    squares = code.get_matrix()
    return int("".join("01"[is_dark] for line in squares for is_dark in line), 2), len(squares)
