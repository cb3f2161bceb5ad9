"""A verdict is yes, or no with a reason and its article. A refusal is a verdict enforced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


class Refused(Exception):
    """An act that may not happen now. The middleware shows it as a page with status 409."""

    def __init__(self, reason: str, cite: str = "", remedy: str = "") -> None:
        """Take what stands in the way, the article that says so, and what to do about it, all in Chinese."""
        super().__init__(reason)
        self.reason = reason
        self.cite = cite
        self.remedy = remedy


@dataclass(frozen=True)
class Verdict:
    """Whether an act may happen now. One verdict disables the button and guards the action."""

    allowed: bool
    reason: str = ""
    cite: str = ""
    remedy: str = ""

    @classmethod
    def yes(cls) -> Self:
        return cls(True)

    @classmethod
    def no(cls, reason: str, cite: str = "", remedy: str = "") -> Self:
        return cls(False, reason, cite, remedy)

    def enforce(self) -> None:
        """Do nothing when the act is allowed; raise Refused when it is not."""
        if not self.allowed:
            raise Refused(self.reason, self.cite, self.remedy)

    def __bool__(self) -> bool:
        return self.allowed
