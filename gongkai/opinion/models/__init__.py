"""The records of opinion: what is watched (`watch`), and the events people take up (`events`)."""

from __future__ import annotations

from gongkai.opinion.models.watch import (
    Alarm,
    Grouping,
    HourCount,
    Mode,
    Plan,
    Post,
    PostMapping,
    PostTie,
    Source,
    Story,
)

__all__ = [
    "Alarm",
    "Grouping",
    "HourCount",
    "Mode",
    "Plan",
    "Post",
    "PostMapping",
    "PostTie",
    "Source",
    "Story",
]
