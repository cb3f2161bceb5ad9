"""Signing in and out, passwords, second factor, sessions."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import NoReverseMatch, reverse

from gongkai.people.account import browser_of
from gongkai.people.adapter import SecondFactorAdapter
from gongkai.people.models import AccountEvent
from gongkai.people.passwords import ThreeKindsValidator, kinds, one_time_password

What = AccountEvent.What
GOOD = "清源Qingyuan2025"


@pytest.fixture
def wang_min(county):
    county.wang_min.set_password(GOOD)
    county.wang_min.save()
    return county.wang_min


def sign_in(client: Client, password: str = GOOD, username: str = "wangmin", **more: str):
    return client.post(reverse("account_login"), {"login": username, "password": password, **more})


def page(response) -> str:
    return response.content.decode()


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


@pytest.mark.parametrize(
    ("password", "expected"), [("abc", 1), ("abc1", 2), ("abcD1", 3), ("abcD1-", 4), ("公开", 1)]
)
def test_kinds_of_characters_are_counted(password, expected):
    assert kinds(password) == expected


def test_a_password_of_two_kinds_is_refused_with_the_remedy():
    with pytest.raises(ValidationError, match="至少要有小写字母、大写字母、数字、其他符号中的三种"):
        ThreeKindsValidator().validate("onlyletters12")


def test_one_time_passwords_differ_and_pass_the_rule():
    drawn = {one_time_password() for _ in range(50)}
    assert len(drawn) == 50
    for password in drawn:
        ThreeKindsValidator().validate(password)


def test_signing_in_leads_to_the_work_list_and_is_logged(client, wang_min):
    response = sign_in(client)

    assert response.status_code == 302
    assert response.url == "/office/work/"
    event = AccountEvent.objects.get()
    assert (event.what, event.by, event.place, event.address) == (
        What.SIGNED_IN,
        wang_min,
        wang_min.place,
        "127.0.0.1",
    )


def test_the_account_name_may_be_typed_in_capitals(client, wang_min):
    assert sign_in(client, username="WangMin").status_code == 302


def test_a_wrong_password_is_logged_without_the_password(client, wang_min):
    response = sign_in(client, "Geheim-2025-xx")

    assert "账号或口令不对" in page(response)
    event = AccountEvent.objects.get()
    assert (event.what, event.whom) == (What.SIGN_IN_FAILED, wang_min)
    assert "Geheim" not in f"{event.about}{event.what}"


def test_an_unknown_name_is_not_kept_for_it_may_be_a_password(client, wang_min):
    response = sign_in(client, username="Geheim-2025-xx")

    assert "账号或口令不对" in page(response)
    event = AccountEvent.objects.get()
    assert (event.place, event.by, event.about) == (None, None, "没有这个账号")


def test_five_wrong_passwords_lock_the_account_for_a_while_and_say_so(client, wang_min):
    for _ in range(5):
        sign_in(client, "wrong-Password-1")

    response = sign_in(client)

    assert "请等 5 分钟再试" in page(response)
    assert "_auth_user_id" not in client.session


def test_after_signing_in_one_goes_where_one_wanted(client, wang_min):
    assert sign_in(client, next="/office/people/roster/").url == "/office/people/roster/"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "https:evil.example", "javascript:1"]
)
def test_nobody_is_led_to_another_host(client, wang_min, address):
    assert sign_in(client, next=address).url == "/office/work/"


def test_a_closed_account_is_told_so_and_logged(client, wang_min):
    wang_min.is_active = False
    wang_min.save()

    response = sign_in(client)

    assert response.url == reverse("account_inactive")
    assert "账号已停用" in page(client.get(response.url))
    assert AccountEvent.objects.get().about == "账号已停用"


def test_the_sign_in_page_says_what_to_do_when_locked_out(client, wang_min):
    text = page(client.get(reverse("account_login")))
    assert "登录不了怎么办" in text
    assert "忘了口令" in text
    assert "演示账号" not in text
    assert "王敏" not in text


def test_only_a_demonstration_lists_its_people(client, wang_min, settings):
    settings.DEMONSTRATION, settings.DEMONSTRATION_PASSWORD = True, GOOD
    text = page(client.get(reverse("account_login")))
    assert "演示账号" in text
    assert "王敏" in text
    assert GOOD in text


@pytest.mark.parametrize(
    "name", ["account_signup", "account_email", "account_reset_password", "account_set_password"]
)
def test_there_is_no_sign_up_and_no_mail_account(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_signing_out_asks_first_and_is_logged(client, wang_min):
    sign_in(client)
    assert "要退出登录吗" in page(client.get(reverse("account_logout")))

    response = client.post(reverse("account_logout"))

    assert response.url == reverse("account_login")
    assert AccountEvent.objects.filter(what=What.SIGNED_OUT, by=wang_min).exists()


def test_a_one_time_password_must_be_changed_before_anything_else(client, wang_min):
    wang_min.must_change_password = True
    wang_min.save()

    assert sign_in(client).url == reverse("account_change_password")
    assert client.get("/office/work/").url == reverse("account_change_password")
    assert "一次性口令" in page(client.get(reverse("account_change_password")))

    new = "Nanqiao-2025-xin"
    response = client.post(
        reverse("account_change_password"), {"oldpassword": GOOD, "password1": new, "password2": new}
    )

    assert response.url == reverse("people:me")
    assert client.get("/office/work/").status_code == 200
    wang_min.refresh_from_db()
    assert wang_min.check_password(new)
    assert not wang_min.must_change_password
    assert AccountEvent.objects.filter(what=What.PASSWORD_CHANGED, by=wang_min).count() == 1


def test_changing_the_password_ends_the_other_sessions(client, wang_min):
    other = Client()
    sign_in(other)
    sign_in(client)

    new = "Nanqiao-2025-xin"
    client.post(reverse("account_change_password"), {"oldpassword": GOOD, "password1": new, "password2": new})

    assert client.get("/office/work/").status_code == 200
    assert other.get("/office/work/").status_code == 302


def test_a_session_that_was_not_signed_here_opens_nothing(client, wang_min, county):
    other = Client()
    other.force_login(county.li_qiang)
    sign_in(client)
    assert client.get("/office/work/").status_code == 200
    mine, theirs = (Session.objects.get(pk=one.session.session_key) for one in (client, other))
    body, sign = mine.session_data.split(":", 1)
    changed = f"{theirs.session_data.split(':', 1)[0]}:{sign}"
    assert changed != mine.session_data
    Session.objects.filter(pk=mine.pk).update(session_data=changed)
    assert client.get("/office/work/").status_code == 302
    Session.objects.filter(pk=mine.pk).update(session_data=f"{body}:{sign}")
    assert client.get("/office/work/").status_code == 200


def test_a_plain_new_password_is_refused_in_chinese(client, wang_min):
    sign_in(client)

    response = client.post(
        reverse("account_change_password"),
        {"oldpassword": GOOD, "password1": "qqqqwwwweeee", "password2": "另一个"},
    )

    text = page(response)
    assert "中的三种" in text
    assert not re.search(r"password|Password must", re.sub(r"<[^>]+>", "", text))


def test_other_sessions_can_be_ended(client, wang_min):
    other = Client(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36"})
    sign_in(other)
    sign_in(client)

    text = page(client.get(reverse("usersessions_list")))
    assert "Chrome，Windows" in text
    assert "就是这台" in text

    client.post(reverse("usersessions_list"))

    assert other.get("/office/work/").status_code == 302
    assert client.get("/office/work/").status_code == 200
    assert AccountEvent.objects.filter(what=What.SESSIONS_ENDED).exists()


def test_a_second_factor_is_turned_on_asked_for_and_turned_off(
    client, wang_min, django_capture_on_commit_callbacks
):
    sign_in(client)

    again = client.get(reverse("mfa_activate_totp"))
    assert again.url.startswith(reverse("account_reauthenticate"))
    assert "请再输一次口令" in page(client.get(again.url))
    client.post(again.url, {"password": GOOD, "next": reverse("mfa_activate_totp")})

    form = client.get(reverse("mfa_activate_totp"))
    assert "开启两步验证" in page(form)
    secret = form.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert response.url == reverse("mfa_view_recovery_codes")
    assert "备用码" in page(client.get(response.url))
    assert "两步验证已开启" in page(client.get(reverse("mfa_index")))
    assert AccountEvent.objects.filter(what=What.SECOND_FACTOR_ON, by=wang_min).count() == 1

    fresh = Client()
    assert sign_in(fresh).url == reverse("mfa_authenticate")
    assert fresh.get("/office/work/").status_code == 302
    assert "验证码不对" in page(fresh.post(reverse("mfa_authenticate"), {"code": "000000"}))
    codes = RecoveryCodes(Authenticator.objects.get(user=wang_min, type=Authenticator.Type.RECOVERY_CODES))
    response = fresh.post(reverse("mfa_authenticate"), {"code": codes.get_unused_codes()[0]})
    assert response.url == "/office/work/"
    assert AccountEvent.objects.filter(what=What.SIGN_IN_FAILED, about="验证码不对").count() == 1

    assert "要关闭两步验证吗" in page(client.get(reverse("mfa_deactivate_totp")))
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=wang_min).exists()
    assert AccountEvent.objects.filter(what=What.SECOND_FACTOR_OFF).count() == 1


def test_recovery_codes_can_be_made_anew_and_saved(client, wang_min, django_capture_on_commit_callbacks):
    sign_in(client)
    TOTP.activate(wang_min, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(wang_min)
    client.post(reverse("account_reauthenticate"), {"password": GOOD})

    assert "要换一组备用码吗" in page(client.get(reverse("mfa_generate_recovery_codes")))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_generate_recovery_codes"))

    assert AccountEvent.objects.filter(what=What.CODES_MADE).count() == 1
    assert "每个只能用一次" in page(client.get(reverse("mfa_download_recovery_codes")))


def test_secrets_of_second_factors_are_kept_encrypted():
    adapter = SecondFactorAdapter()
    sealed = adapter.encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in sealed
    assert adapter.decrypt(sealed) == "JBSWY3DPEHPK3PXP"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "火狐，Linux（统信、麒麟等）",
        ),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/116 Mobile MicroMessenger/8.0", "微信，安卓"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537.36 Edg/120", "Edge，Windows"),
        ("", "其他浏览器，其他系统"),
    ],
)
def test_browsers_are_said_in_words(user_agent, words):
    assert browser_of(user_agent) == words


def test_too_many_tries_from_one_address_get_a_page_in_chinese(client, wang_min, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    for _ in range(2):
        sign_in(client, "wrong-Password-1")

    response = sign_in(client)

    assert response.status_code == 429
    assert "试得太快了" in page(response)
