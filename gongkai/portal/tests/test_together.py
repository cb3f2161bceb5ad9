"""Pages made together ask alike questions once; a page alone asks each time."""

from __future__ import annotations

from gongkai.portal.together import of_all, once, together


def test_what_is_asked_alike_is_asked_once_only_while_pages_are_made_together():
    asked: list[int] = []

    def ask() -> int:
        asked.append(1)
        return len(asked)

    assert [once("a", ask), once("a", ask)] == [1, 2]
    with together():
        assert [once("a", ask), once("a", ask), once("b", ask)] == [3, 3, 4]
    assert once("a", ask) == 5


def test_pages_made_within_others_join_them():
    with together(of_all=True):
        with together():
            assert of_all()
            assert once("a", lambda: 1) == 1
        assert once("a", lambda: 2) == 1
    assert not of_all()
