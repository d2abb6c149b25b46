"""Forms of the staff's way in, in the words of this site."""

import struct

from allauth.account import forms as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as codes
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.core.cache import cache
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

# What reading bytes that somebody made up can come to.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error)


# A code holds for its half minute and for the tolerated ones before and after.
CODE_HOLDS_SECONDS = 30 * (2 * settings.MFA_TOTP_TOLERANCE + 1)


class UsedOnceMixin:
    """A code that was used is refused as long as it would hold; django-allauth remembers half a minute."""

    def clean_code(self):
        code = super().clean_code()
        digits = "".join(sign for sign in code if sign.isalnum())
        if not cache.add(f"used-code-{self.user.pk}-{digits}", True, timeout=CODE_HOLDS_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(UsedOnceMixin, codes.AuthenticateForm):
    """The code after the password."""


class ReauthenticateWithCodeForm(UsedOnceMixin, codes.ReauthenticateForm):
    """A code, to show once more who it is."""


class CredentialField(forms.JSONField):
    """What a browser says about a passkey, in the form of `shape`; anything else is an error of the field."""

    widget = forms.HiddenInput

    def __init__(self, *, shape, **options):
        super().__init__(**options)
        self.shape = shape

    def clean(self, value):
        credential = super().clean(value)
        try:
            self.shape.from_dict(credential)
        except UNREADABLE as error:
            raise forms.ValidationError("The passkey could not be read. Please try again.") from error
        return credential


class AddWebAuthnForm(webauthn.AddWebAuthnForm):
    """A new passkey with its name."""

    name = forms.CharField(label="Name", max_length=100, help_text="For you, to tell several apart.")
    passwordless = forms.BooleanField(
        label="Log in with this passkey alone",
        required=False,
        initial=True,
        help_text="It asks for your fingerprint, face or PIN instead of the password. "
        "Without this, it is asked for after the password.",
    )
    credential = CredentialField(shape=RegistrationResponse)


class AuthenticateWebAuthnForm(webauthn.AuthenticateWebAuthnForm):
    """A passkey after the password."""

    credential = CredentialField(shape=AuthenticationResponse)


class LoginWebAuthnForm(webauthn.LoginWebAuthnForm):
    """A passkey instead of the password."""

    credential = CredentialField(shape=AuthenticationResponse)


class ReauthenticateWebAuthnForm(webauthn.ReauthenticateWebAuthnForm):
    """A passkey, to show once more who it is."""

    credential = CredentialField(shape=AuthenticationResponse)


class ReauthenticateForm(account.ReauthenticateForm):
    """The password once more, without the advice for those who are not logged in."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
