"""The rule of the house on passwords: long enough and of several kinds of characters (等保 2.0, 8.1.4.1)."""

from __future__ import annotations

import secrets

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError

KINDS_NEEDED = 3

# Letters and digits that are not mistaken for one another when read out or copied from paper.
_LOWER, _UPPER, _DIGITS = "abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"


class ThreeKindsValidator:
    """Ask for at least three of lower case, upper case, digit and anything else."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError with the remedy when the password has fewer than three kinds."""
        if kinds(password) < KINDS_NEEDED:
            raise ValidationError(f"{self.get_help_text()}请加上缺少的种类。", code="password_too_plain")

    def get_help_text(self) -> str:
        return "口令至少要有小写字母、大写字母、数字、其他符号中的三种。"


def kinds(password: str) -> int:
    """Count the kinds of characters: lower case, upper case, digit, anything else (0 to 4)."""
    lower = any(c.islower() for c in password)
    upper = any(c.isupper() for c in password)
    digit = any(c.isdigit() for c in password)
    other = any(not (c.islower() or c.isupper() or c.isdigit()) for c in password)
    return sum((lower, upper, digit, other))


def one_time_password() -> str:
    """Draw a password to be told once and changed at the first sign-in: three groups of four, 66 bits."""
    while True:
        drawn = "-".join(
            "".join(secrets.choice(_LOWER + _UPPER + _DIGITS) for _ in range(4)) for _ in range(3)
        )
        if kinds(drawn) >= KINDS_NEEDED + 1:
            return drawn
