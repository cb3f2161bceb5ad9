"""The code of an address, put together from that of another, is the one the library draws."""

from __future__ import annotations

import random
import re

import qrcode

from gongkai.portal import qr


def drawn(path: str, side: int) -> list[list[bool]]:
    squares = [[False] * side for _ in range(side)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        for at in range(int(x), int(x) + int(width)):
            squares[int(y)][at] = True
    return squares


def test_every_square_is_as_the_library_draws_it():
    chance = random.Random(5)
    for _ in range(30):
        code = "".join(chance.choices("0123456789ab", k=chance.choice((8, 8, 12))))
        address = f"https://www.qingyuan.gov.cn/qingyuan/documents/GW-{code}/"
        whole = qrcode.QRCode(
            border=4, error_correction=qrcode.constants.ERROR_CORRECT_M, mask_pattern=qr.MASK
        )
        whole.add_data(address.encode(), optimize=0)
        whole.make(fit=True)
        assert drawn(*qr.path(address)) == whole.get_matrix()
