"""Cutting Chinese text into words.

The same cutter has to serve training and use, so its version is part of a saved model (see ``learn``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.metadata import version

VERSION = f"rjieba {version('rjieba')}"

_STOP_WORDS = """
我们 你们 他们 她们 它们 咱们 自己 大家 别人 有人 这个 那个 这些 那些 这里 那里 这样 那样 这么 那么
什么 怎么 怎样 如何 为何 哪里 哪个 因为 所以 因此 但是 可是 不过 而且 并且 以及 或者 还是 如果 虽然
即使 只要 只有 由于 对于 关于 根据 按照 为了 之后 之前 以后 以前 之间 其中 其他 其它 以上 以下 已经
正在 一直 一个 一些 一下 一样 现在 目前 当时 时候 今天 昨天 可以 可能 能够 应该 需要 没有 不是 不能
不会 就是 还有 都是 也是 只是 非常 十分 特别 很多 许多 不少 比较 然后 于是 甚至 却是 的话 来说 而言
等等 有些 有的 真的 到底 究竟
您好 你好 尊敬 敬爱 领导 书记 市长 县长 局长 谢谢 感谢 此致 敬礼 留言 反映 情况 问题 请问 希望 请求
恳请 恳求
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Particles, pronouns, conjunctions; the salutations and set phrases of letters."""

_WIDE = {wide: unicodedata.normalize("NFKC", wide) for wide in "，：；！？（）"}
_EVEN = r"\s\u0020-\u007e\u2018\u2019\u201c\u201d\u3001\u3002\u3008-\u3011\u4e00-\u9fff"
_ODD = re.compile(f"[^{_EVEN}]+")
_RARE = re.compile(f"[^{_EVEN}{''.join(_WIDE)}…—·]")
_RUN = re.compile(r"[0-9A-Za-z\u4e00-\u9fff]+")
_WORD = re.compile(r"[0-9a-z\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{2,}")


def _plain(odd: re.Match[str]) -> str:
    return _nfkc(odd[0])


@lru_cache(1 << 12)
def _nfkc(odd: str) -> str:
    return unicodedata.normalize("NFKC", odd)


@lru_cache(16)
def normal(text: str) -> str:
    """The text as it is compared: NFKC, lower case, every run of white space one space.

    The last few are kept: what is read of a text reads it several times.
    """
    for wide, sign in _WIDE.items():
        text = text.replace(wide, sign)
    folded = _ODD.sub(_plain, text.replace("\0", " "))
    return " ".join(folded.lower().split())


def has_variants(text: str) -> bool:
    """Whether digits, Latin letters or Han of the ``normal`` text are written otherwise: as radicals, circled, full-width.

    In a text without them a database that ignores the case of Latin letters finds every ``run`` of its normal form.
    """
    return _RARE.search(text) is not None and ("\0" in text or runs(text) != runs(normal(text)))


def runs(text: str) -> list[str]:
    """What stands between the signs of a text: digits, Latin letters and Han, in lower case."""
    return [run.lower() for run in _RUN.findall(text)]


@lru_cache(1 << 17)
def is_word(piece: str) -> bool:
    """Whether a piece says something: two characters or more, no punctuation, no stop word."""
    return len(piece) > 1 and piece not in STOP_WORDS and _WORD.fullmatch(piece) is not None


class Cutter:
    """Cuts text into words, keeping the given names of places, estates and units whole."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        import rjieba  # its dictionary takes a fifth of a second: loaded by the first who cuts

        self.names = tuple(sorted({normal(name) for name in names} - {""}))
        self._jieba = rjieba.Jieba()
        for name in self.names:
            self._jieba.add_word(name, None, "ns")

    def cut(self, text: str) -> list[str]:
        """Every piece of a ``normal`` text, in order: punctuation and stop words too."""
        return self._jieba.cut(text, True)

    def words(self, text: str) -> list[str]:
        """The words of a text, in order."""
        return [piece for piece in self.cut(normal(text)) if len(piece) > 1 and is_word(piece)]


@cache
def plain_cutter() -> Cutter:
    """The cutter without a place's names, made once: loading its dictionary takes a tenth of a second."""
    return Cutter()
