"""Which entries hold a token: postings as sorted numbers, kept in buckets that are read one by one.

A posting is one number of 64 bits: the key of a token (48) and the position of an entry in its segment (16). Keys of
pairs and characters are the characters themselves, mixed so that their top bits spread over the buckets; nothing is
found that does not hold the token. Words in other scripts have a hash of 46 bits. A token of the title has a second key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from gongkai.search.words import HAN, WORD, is_han

LARGEST = 1 << 16  # entries of a segment: a position has 16 bits
BUCKET = 2_048  # postings meant for a bucket

Postings = NDArray[np.uint64]
Positions = NDArray[np.uint16]
NONE: Postings = np.array([], dtype=np.uint64)

_POSITION, _KEY, _CHARACTER = np.uint64(16), 48, np.uint64(21)
_IN_TITLE, _IS_WORD = 1 << 47, 1 << 46
_MIX = 0x9E3779B97F4B  # odd, so that no two keys become one
_MASK = (1 << _KEY) - 1
_LAST = 0x40000
_IS_HAN = np.zeros(_LAST + 1, dtype=bool)
for _run in re.finditer(rf"[{HAN}]+", "".join(map(chr, range(_LAST)))):
    _IS_HAN[_run.start() : _run.end()] = True
_WORDS = re.compile(WORD)


@lru_cache(maxsize=20_000)
def key_of(token: str, *, title: bool = False) -> int:
    """The key of a token of a question, or of the same token in a title."""
    if is_han(token):
        plain = ord(token[0]) << 21 | (ord(token[1]) if len(token) > 1 else 0)
    else:
        digest = int.from_bytes(
            blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"
        )
        plain = _IS_WORD | digest >> 18
    return (plain | (_IN_TITLE if title else 0)) * _MIX & _MASK


def postings(texts: Sequence[tuple[str, str]]) -> Postings:
    """The postings of entries in order of their positions, each its folded heading and everything else, folded."""
    characters, owner, titled = _characters(texts)
    han = _IS_HAN[np.minimum(characters, _LAST)]
    single = np.flatnonzero(han)
    pair = np.flatnonzero(han[:-1] & han[1:])
    first, second = characters.astype(np.uint64) << _CHARACTER, characters.astype(np.uint64)
    keys = np.concatenate([first[single], first[pair] | second[pair + 1]])
    at = np.concatenate([single, pair])
    whose, in_title = owner[at], titled[at]
    keys = np.concatenate([keys, keys[in_title] | np.uint64(_IN_TITLE)])
    keys = (keys * np.uint64(_MIX)) & np.uint64(_MASK)
    found = keys << _POSITION | np.concatenate([whose, whose[in_title]])
    return _distinct(np.concatenate([found, np.fromiter(_words(texts), dtype=np.uint64)]))


def _characters(texts: Sequence[tuple[str, str]]) -> tuple[NDArray[np.uint32], Postings, NDArray[np.bool_]]:
    """All characters one after another with a line break after each text; whose they are; whether of a heading."""
    parts = [part + "\n" for text in texts for part in text]
    lengths = np.array([len(part) for part in parts])
    characters = np.frombuffer("".join(parts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    owner = np.repeat(np.arange(len(parts), dtype=np.uint64) // np.uint64(2), lengths)
    return characters, owner, np.repeat(np.arange(len(parts)) % 2 == 0, lengths)


def _words(texts: Sequence[tuple[str, str]]) -> Iterator[int]:
    for position, (heading, rest) in enumerate(texts):
        in_title = set(_WORDS.findall(heading))
        for word in in_title.union(_WORDS.findall(rest)):
            yield key_of(word) << 16 | position
        for word in in_title:
            yield key_of(word, title=True) << 16 | position


def _distinct(found: Postings) -> Postings:
    found.sort()
    return found[np.concatenate([[True], found[1:] != found[:-1]])] if len(found) else found


# ---- buckets ---------------------------------------------------------------------------------------------


def bits_for(count: int) -> int:
    """How many bits of a key name its bucket, for so many postings."""
    return min(16, max(0, (count // BUCKET).bit_length()))


def bucket_of(key: int, bits: int) -> int:
    return key >> (_KEY - bits)


def split(
    found: Postings, bits: int, first: int = 0, count: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Sorted postings as the contents of their buckets: all of them, or `count` from `first` on; empty ones too."""
    count = 1 << bits if count is None else count
    edges = np.arange(first, first + count + 1, dtype=np.uint64) << np.uint64(64 - bits) if bits else None
    cuts = np.array([0, len(found)]) if edges is None else np.searchsorted(found, edges)
    if edges is not None and first + count == 1 << bits:  # the last edge is one more than fits into 64 bits
        cuts[-1] = len(found)
    for n in range(count):
        yield first + n, _packed(found[cuts[n] : cuts[n + 1]])


def _packed(found: Postings) -> bytes:
    """Keys, where the positions of each end, positions."""
    keys = found >> _POSITION
    ends = (
        np.flatnonzero(np.concatenate([keys[1:] != keys[:-1], [True]])) + 1
        if len(found)
        else np.array([], int)
    )
    return b"".join(
        (
            len(ends).to_bytes(8, "little"),
            keys[ends - 1].astype("<u8").tobytes(),
            ends.astype("<u4").tobytes(),
            found.astype("<u2").tobytes(),
        )
    )


def _opened(content: bytes) -> tuple[NDArray[np.uint64], NDArray[np.uint32], Positions]:
    count = int.from_bytes(content[:8], "little")
    keys = np.frombuffer(content, "<u8", count, 8)
    ends = np.frombuffer(content, "<u4", count, 8 + 8 * count)
    return keys, ends, np.frombuffer(content, "<u2", offset=8 + 12 * count)


def positions(content: bytes, key: int) -> Positions:
    """Where in its segment a token stands, by the bucket of its key; rising."""
    keys, ends, found = _opened(content)
    n = int(np.searchsorted(keys, key))
    if n == len(keys) or keys[n] != key:
        return found[:0]
    return found[int(ends[n - 1]) if n else 0 : int(ends[n])]


def moved(contents: Iterable[bytes], places: NDArray[np.int64]) -> Postings:
    """The postings of buckets with their entries at other positions; those sent to -1 are left out."""
    parts = [NONE]
    for content in contents:
        keys, ends, found = _opened(content)
        to = places[found]
        whole = np.repeat(keys, np.diff(ends, prepend=np.uint32(0)))
        stay = to >= 0
        parts.append(whole[stay] << _POSITION | to[stay].astype(np.uint64))
    return np.concatenate(parts)


def joined(parts: Iterable[Postings]) -> Postings:
    return _distinct(np.concatenate(list(parts)))
