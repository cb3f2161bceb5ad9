"""The doors of signing in: the views of allauth that staff need, under its names. No sign-up, no e-mail."""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import path

from gongkai.people.account import (
    ChangePassword,
    CodeAgainForm,
    CodeForm,
    FirstCodeForm,
    PasswordAgainForm,
    Sessions,
    SignIn,
)

urlpatterns = [
    path("login/", SignIn.as_view(), name="account_login"),
    path("logout/", account.LogoutView.as_view(), name="account_logout"),
    path("inactive/", account.AccountInactiveView.as_view(), name="account_inactive"),
    path("password/", ChangePassword.as_view(), name="account_change_password"),
    path(
        "again/",
        account.ReauthenticateView.as_view(form_class=PasswordAgainForm),
        name="account_reauthenticate",
    ),
    path("sessions/", Sessions.as_view(), name="usersessions_list"),
    path("2fa/", second_factor.IndexView.as_view(), name="mfa_index"),
    path(
        "2fa/code/",
        second_factor.AuthenticateView.as_view(form_class=CodeForm),
        name="mfa_authenticate",
    ),
    path(
        "2fa/again/",
        second_factor.ReauthenticateView.as_view(form_class=CodeAgainForm),
        name="mfa_reauthenticate",
    ),
    path("2fa/on/", totp.ActivateTOTPView.as_view(form_class=FirstCodeForm), name="mfa_activate_totp"),
    path("2fa/off/", totp.DeactivateTOTPView.as_view(), name="mfa_deactivate_totp"),
    path("2fa/codes/", codes.ViewRecoveryCodesView.as_view(), name="mfa_view_recovery_codes"),
    path("2fa/codes/new/", codes.GenerateRecoveryCodesView.as_view(), name="mfa_generate_recovery_codes"),
    path("2fa/codes/file/", codes.DownloadRecoveryCodesView.as_view(), name="mfa_download_recovery_codes"),
]
