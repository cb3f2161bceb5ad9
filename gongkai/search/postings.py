"""Which entries hold a token: postings as sorted numbers, kept in buckets that are read one by one.

A posting is one number of 64 bits: the key of a token (48) and the position of an entry in its segment (16). Keys of
pairs and characters are the characters themselves, mixed so that their top bits spread over the buckets; nothing is
found that does not hold the token. Words in other scripts have a hash of 46 bits. A token of the title has a second key,
the next one, in the same bucket.

A bucket keeps the positions of a key as a list or, where that is shorter, as a bitmap of the segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from gongkai.search.words import HAN, WORD, is_han

LARGEST = 1 << 16  # entries of a segment: a position has 16 bits
BUCKET = 2_048  # postings meant for a bucket

Postings = NDArray[np.uint64]
Mask = NDArray[np.bool_]
NONE: Postings = np.array([], dtype=np.uint64)

_POSITION, _KEY, _CHARACTER = np.uint64(16), 48, np.uint64(21)
IN_TITLE, _IS_WORD = 1, 1 << 46
_MIX = 0x9E3779B97F4B  # odd, so that no two keys become one
_MASK = (1 << _KEY - 1) - 1
_LAST = 0x40000
_IS_HAN = np.zeros(_LAST + 1, dtype=bool)
for _run in re.finditer(rf"[{HAN}]+", "".join(map(chr, range(_LAST)))):
    _IS_HAN[_run.start() : _run.end()] = True
_WORDS = re.compile(WORD)


@lru_cache(maxsize=20_000)
def key_of(token: str) -> int:
    """The key of a token of a question; with IN_TITLE that of the same token in a title."""
    if is_han(token):
        plain = ord(token[0]) << 21 | (ord(token[1]) if len(token) > 1 else 0)
    else:
        digest = int.from_bytes(
            blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"
        )
        plain = _IS_WORD | digest >> 18
    return (plain * _MIX & _MASK) << 1


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
    keys = (keys * np.uint64(_MIX) & np.uint64(_MASK)) << np.uint64(1)
    keys = np.concatenate([keys, keys[in_title] | np.uint64(IN_TITLE)])
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
            yield (key_of(word) | IN_TITLE) << 16 | position


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
    found: Postings, size: int, bits: int, first: int = 0, count: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Sorted postings of a segment of `size` entries as the contents of its buckets: all of them, or `count` from
    `first` on; empty ones too.
    """
    count = 1 << bits if count is None else count
    keys, held = np.unique(found >> _POSITION, return_counts=True)
    mapped = 2 * held >= _width(size)
    in_map = np.repeat(mapped, held)
    maps = np.zeros((np.count_nonzero(mapped), size), dtype=bool)
    maps[np.repeat(np.arange(len(maps)), held[mapped]), found[in_map].astype("<u2")] = True
    edges = np.arange(first, first + count + 1, dtype=np.uint64) << np.uint64(_KEY - bits)
    in_lists, in_maps = np.searchsorted(keys[~mapped], edges), np.searchsorted(keys[mapped], edges)
    in_places = np.concatenate([[0], np.cumsum(held[~mapped])])[in_lists]
    parts = (
        (keys[~mapped].astype("<u8").tobytes(), 8 * in_lists),
        (keys[mapped].astype("<u8").tobytes(), 8 * in_maps),
        (np.packbits(maps, axis=1).tobytes(), _width(size) * in_maps),
        (held[~mapped].astype("<u2").tobytes(), 2 * in_lists),
        (found[~in_map].astype("<u2").tobytes(), 2 * in_places),
    )
    heads = np.column_stack([np.diff(in_lists), np.diff(in_maps)]).astype("<u4").tobytes()
    cuts = [(whole, cut.tolist()) for whole, cut in ((heads, 8 * np.arange(count + 1)), *parts)]
    for n in range(count):
        yield first + n, b"".join([whole[cut[n] : cut[n + 1]] for whole, cut in cuts])


def _width(size: int) -> int:
    """Bytes of a bitmap of a segment."""
    return -(-size // 8)


@dataclass(frozen=True, slots=True)
class Opened:
    """The postings of `keys`: of the first of them `held` says how many `places` each has, the others have a bitmap each."""

    keys: NDArray[np.uint64]
    maps: NDArray[np.uint8]
    held: NDArray[np.uint16]
    places: NDArray[np.uint16]


def opened(content: bytes, size: int) -> Opened:
    """A bucket of a segment of `size` entries: how many lists and bitmaps, then what `Opened` has, in its order."""
    lists, maps = int.from_bytes(content[:4], "little"), int.from_bytes(content[4:8], "little")
    at_maps = 8 + 8 * (lists + maps)
    at_held = at_maps + _width(size) * maps
    return Opened(
        np.frombuffer(content, "<u8", lists + maps, 8),
        np.frombuffer(content, np.uint8, _width(size) * maps, at_maps).reshape(maps, _width(size)),
        np.frombuffer(content, "<u2", lists, at_held), np.frombuffer(content, "<u2", offset=at_held + 2 * lists),
    )  # fmt: skip


def holding(content: bytes, key: int, size: int) -> Mask:
    """Which entries of a segment hold a token, by the bucket of its key."""
    bucket = opened(content, size)
    mask = np.zeros(size, dtype=bool)
    for n in np.flatnonzero(bucket.keys == np.uint64(key)).tolist():
        if n >= len(bucket.held):
            return np.unpackbits(bucket.maps[n - len(bucket.held)], count=size).view(bool)
        start = int(bucket.held[:n].sum())
        mask[bucket.places[start : start + int(bucket.held[n])]] = True
    return mask


def moved(contents: Iterable[bytes], places: NDArray[np.int64]) -> Postings:
    """The postings of buckets with their entries at other positions; those sent to -1 are left out."""
    buckets = [opened(content, len(places)) for content in contents]
    if not buckets:
        return NONE
    listed = np.concatenate([bucket.keys[: len(bucket.held)] for bucket in buckets])
    mapped = np.concatenate([bucket.keys[len(bucket.held) :] for bucket in buckets])
    maps, held, at = (
        np.concatenate([getattr(bucket, name) for bucket in buckets]) for name in ("maps", "held", "places")
    )
    rows, marked = np.nonzero(np.unpackbits(maps, axis=1, count=len(places)))
    keys = np.concatenate([np.repeat(listed, held), mapped[rows]])
    to = places[np.concatenate([at, marked])]
    stay = to >= 0
    found: Postings = keys[stay] << _POSITION | to[stay].astype(np.uint64)
    return found


def joined(parts: Iterable[Postings]) -> Postings:
    return _distinct(np.concatenate(list(parts)))
