"""How people sign in: the answers allauth asks of us, and what the account log keeps of it."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa import signals as second_factor
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from gongkai.people import actions
from gongkai.people.models import AccountEvent, Staff
from gongkai.vault import cipher

What = AccountEvent.What

THROTTLED = (
    "连续输错的次数太多，这个账号暂时不能登录。请等 5 分钟再试；忘了口令，请找本单位管理员重设，不用等。"
)


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are given by the administrator; whoever has a one-time password changes it first."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "这个账号已停用。",
        "enter_current_password": "现在的口令不对，请重新输入。",
        "incorrect_code": "验证码不对，或已过时。请输入手机上正在显示的六位数。",
        "incorrect_password": "口令不对，请重新输入。",
        "too_many_login_attempts": THROTTLED,
        "username_password_mismatch": "账号或口令不对。请检查大小写和输入法；连续输错 5 次，要等 5 分钟。",
        "rate_limited": "试得太快了，请等几分钟再试。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only addresses of the host that is being asked."""
        return url_has_allowed_host_and_scheme(
            url, {self.request.get_host()}, require_https=self.request.is_secure()
        )

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing in allauth's words; our pages show what has happened."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url(settings.LOGIN_REDIRECT_URL)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("people:me")

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        assert isinstance(user, Staff)
        actions.change_password(user, password, at=timezone.now(), address=get_client_ip(self.request))

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        _note(What.SIGNED_IN, user, request)
        response = super().post_login(request, user, **kwargs)
        if isinstance(user, Staff) and user.must_change_password:
            return redirect("account_change_password")
        return response  # type: ignore[no-any-return]

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Keep who failed, never what was typed. An unknown name is not kept either: it may be a password."""
        known = Staff.objects.filter(username=str(credentials.get("username", "")).lower()).first()
        _note(What.SIGN_IN_FAILED, known, request, "口令不对" if known else "没有这个账号")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        _note(What.SIGN_IN_FAILED, user, request, "账号已停用")
        return super().respond_user_inactive(request, user)  # type: ignore[no-any-return]

    def logout(self, request: HttpRequest) -> None:
        _note(What.SIGNED_OUT, request.user, request)
        super().logout(request)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Authenticator secrets are kept encrypted."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "验证码不对，或已过时。请输入手机上正在显示的六位数。",
        "cannot_generate_recovery_codes": "请先开启两步验证，再生成备用码。",
    }

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def encrypt(self, text: str) -> str:
        return cipher.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return str(cipher.unseal(encrypted_text))


@receiver(second_factor.authenticator_added)
def _second_factor_added(request: HttpRequest, user: Staff, authenticator: Authenticator, **_: Any) -> None:
    is_app = authenticator.type == Authenticator.Type.TOTP
    _note(What.SECOND_FACTOR_ON if is_app else What.CODES_MADE, user, request)


@receiver(second_factor.authenticator_reset)
def _codes_made(request: HttpRequest, user: Staff, **_: Any) -> None:
    _note(What.CODES_MADE, user, request, "旧的作废")


@receiver(second_factor.authenticator_removed)
def _second_factor_removed(request: HttpRequest, user: Staff, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        _note(What.SECOND_FACTOR_OFF, user, request)


@receiver(second_factor.authentication_failed)
def _second_factor_failed(request: HttpRequest, user: Staff, **_: Any) -> None:
    _note(What.SIGN_IN_FAILED, user, request, "验证码不对")


def _note(what: str, who: object, request: HttpRequest, about: str = "") -> None:
    staff = who if isinstance(who, Staff) else None
    actions.note(what, staff, at=timezone.now(), address=get_client_ip(request), about=about)
