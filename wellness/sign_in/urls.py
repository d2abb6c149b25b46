"""Addresses of accounts. What is not named does not exist: nobody signs up, no address is managed here."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path

from .pages import page

urlpatterns = [
    path("login/", page(account.login, title="Log in"), name="account_login"),
    path("logout/", page(account.logout, title="Log out"), name="account_logout"),
    path("inactive/", page(account.account_inactive, title="Account closed"), name="account_inactive"),
    path(
        "reauthenticate/",
        page(account.reauthenticate, title="Is it you?"),
        name="account_reauthenticate",
    ),
    path(
        "password/change/",
        page(account.password_change, title="Change password"),
        name="account_change_password",
    ),
    path("password/set/", page(account.password_set, title="Set password"), name="account_set_password"),
    path(
        "password/reset/",
        page(account.password_reset, title="Reset password"),
        name="account_reset_password",
    ),
    path(
        "password/reset/done/",
        page(account.password_reset_done, title="Look into your mail"),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        page(account.password_reset_from_key, title="New password"),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        page(account.password_reset_from_key_done, title="Password changed"),
        name="account_reset_password_from_key_done",
    ),
    path("security/", page(mfa.index, title="Security"), name="mfa_index"),
    path("security/log-in/", page(mfa.authenticate, title="Second step"), name="mfa_authenticate"),
    path(
        "security/reauthenticate/",
        page(mfa.reauthenticate, title="Is it you?"),
        name="mfa_reauthenticate",
    ),
    path(
        "security/app/add/",
        page(totp.activate_totp, title="Set up an authenticator app"),
        name="mfa_activate_totp",
    ),
    path(
        "security/app/remove/",
        page(totp.deactivate_totp, title="Remove the authenticator app"),
        name="mfa_deactivate_totp",
    ),
    path(
        "security/recovery-codes/",
        page(recovery_codes.view_recovery_codes, title="Recovery codes"),
        name="mfa_view_recovery_codes",
    ),
    path(
        "security/recovery-codes/new/",
        page(recovery_codes.generate_recovery_codes, title="New recovery codes"),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "security/recovery-codes/download/",
        page(recovery_codes.download_recovery_codes, title="Recovery codes"),
        name="mfa_download_recovery_codes",
    ),
    path("security/passkeys/", page(webauthn.list_webauthn, title="Passkeys"), name="mfa_list_webauthn"),
    path(
        "security/passkeys/add/", page(webauthn.add_webauthn, title="Add a passkey"), name="mfa_add_webauthn"
    ),
    path(
        "security/passkeys/log-in/",
        page(webauthn.login_webauthn, title="Log in with a passkey"),
        name="mfa_login_webauthn",
    ),
    path(
        "security/passkeys/reauthenticate/",
        page(webauthn.reauthenticate_webauthn, title="Is it you?"),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "security/passkeys/<int:pk>/edit/",
        page(webauthn.edit_webauthn, title="Rename a passkey"),
        name="mfa_edit_webauthn",
    ),
    path(
        "security/passkeys/<int:pk>/remove/",
        page(webauthn.remove_webauthn, title="Remove a passkey"),
        name="mfa_remove_webauthn",
    ),
]
