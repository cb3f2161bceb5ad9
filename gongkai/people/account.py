"""The pages of signing in: allauth's views with our forms, in our words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.account.views import LoginView, PasswordChangeView
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as SecondFactorAgainForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.usersessions.forms import ManageUserSessionsForm
from allauth.usersessions.views import ListUserSessionsView
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from gongkai.people import actions
from gongkai.people.asks import posts_on
from gongkai.people.models import AccountEvent, Holding, Post, Staff
from gongkai.ui.forms import Renderer, reword
from gongkai.ui.refusal import Refused


class Worded(forms.Form):
    """Puts our labels, hints and errors on a form of allauth's."""

    default_renderer = Renderer()
    words: ClassVar[Mapping[str, str]] = {}
    hints: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.words.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            field.widget.attrs.pop("placeholder", None)
            reword(field)


class SignInForm(Worded, LoginForm):  # type: ignore[misc]
    words = {"login": "账号", "password": "口令"}


class PasswordForm(Worded, ChangePasswordForm):  # type: ignore[misc]
    words = {"oldpassword": "现在的口令", "password1": "新口令", "password2": "再输一次新口令"}
    hints = {
        "oldpassword": "第一次登录，填管理员给您的一次性口令",
        "password1": "至少 10 位，要有小写字母、大写字母、数字、其他符号中的三种，不要用姓名、电话、生日",
    }

    def clean(self) -> Any:
        cleaned = super().clean()
        if self.has_error("password2"):
            self.errors["password2"] = self.error_class(["两次输入的新口令不一样，请重新输入。"])
        return cleaned


class PasswordAgainForm(Worded, ReauthenticateForm):  # type: ignore[misc]
    words = {"password": "口令"}


class CodeForm(Worded, AuthenticateForm):  # type: ignore[misc]
    words = {"code": "验证码"}
    hints = {"code": "手机验证器上的六位数；手机不在身边，用一个备用码"}


class CodeAgainForm(Worded, SecondFactorAgainForm):  # type: ignore[misc]
    words = {"code": "验证码"}
    hints = {"code": "手机验证器上的六位数，或一个备用码"}


class FirstCodeForm(Worded, ActivateTOTPForm):  # type: ignore[misc]
    words = {"code": "验证码"}
    hints = {"code": "扫码后，手机上显示的六位数"}


class SignIn(LoginView):  # type: ignore[misc]
    """Sign in; in a demonstration the invented people are listed, one button each."""

    form_class = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page: dict[str, Any] = super().get_context_data(**kwargs)
        if getattr(settings, "DEMONSTRATION", False):
            page["cast"] = _cast()
            page["demonstration_password"] = getattr(settings, "DEMONSTRATION_PASSWORD", "")
        page["is_empty"] = not Staff.objects.exists()
        return page


def _cast() -> list[dict[str, Any]]:
    """The people of the demonstration with their posts, those who may open an account here only."""
    today = timezone.localdate()
    held: dict[Staff, list[str]] = {}
    posts = Post.objects.filter(holdings__in=Holding.objects.in_force(today)).distinct()
    for post in posts_on(posts, today):
        for holder in post.holders:
            if holder.is_a and holder.staff.is_active:
                held.setdefault(holder.staff, []).append(str(post.post))
    return [{"staff": staff, "posts": "、".join(posts)} for staff, posts in held.items()]


class ChangePassword(PasswordChangeView):  # type: ignore[misc]
    """Change one's own password. An account that never had one gets its first from the administrator."""

    form_class = PasswordForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(request.user, Staff) and not request.user.has_usable_password():
            raise Refused("这个账号还没有口令。", remedy="请找本单位管理员重设口令，拿到一次性口令后再修改。")
        return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]


class Sessions(ListUserSessionsView):  # type: ignore[misc]
    """Where one is signed in, with a button that ends the other sessions."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page: dict[str, Any] = super().get_context_data(**kwargs)
        for session in page["sessions"]:
            session.browser = browser_of(session.user_agent)
        return page

    def form_valid(self, form: ManageUserSessionsForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        staff = self.request.user
        assert isinstance(staff, Staff)
        actions.note(
            AccountEvent.What.SESSIONS_ENDED, staff, at=timezone.now(), address=_address(self.request)
        )
        messages.success(self.request, "其他设备上的登录已经退出。")
        return response


# The first that fits wins: browsers name the ones they descend from.
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("Firefox", "火狐"),
    ("QIHU|360SE|360EE", "360 浏览器"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "安卓"),
    ("HarmonyOS|OpenHarmony", "鸿蒙"),
    ("iPhone|iPad", "苹果手机或平板"),
    ("Mac OS", "苹果电脑"),
    ("Linux|UOS|Kylin", "Linux（统信、麒麟等）"),
)


def browser_of(user_agent: str) -> str:
    """Say in words which browser and system a user agent string stands for."""

    def named(table: tuple[tuple[str, str], ...], unknown: str) -> str:
        return next((word for pattern, word in table if re.search(pattern, user_agent)), unknown)

    return f"{named(BROWSERS, '其他浏览器')}，{named(SYSTEMS, '其他系统')}"


def _address(request: HttpRequest) -> str | None:
    return request.META.get("REMOTE_ADDR") or None
