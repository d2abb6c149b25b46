"""Second factors: what somebody proves at log in besides the password."""

import logging
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet

logger = logging.getLogger(__name__)

# Recovery codes stand in for a factor that is lost; alone they are none.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user: User) -> bool:
    """Whether `user` has an authenticator app or a passkey."""
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def must_set_up(user: Any) -> bool:
    """Whether `user` (or nobody) is on the staff and has to set up a second factor before anything else."""
    return (
        settings.STAFF_MFA
        and user.is_authenticated
        and user.is_active
        and user.is_staff
        and not has_second_factor(user)
    )


@transaction.atomic
def remove(authenticators: QuerySet[Authenticator]) -> None:
    """Delete `authenticators`, and the recovery codes of those who have no factor left to recover."""
    people = set(authenticators.values_list("user_id", flat=True))
    authenticators.delete()
    kept = Authenticator.objects.filter(user_id__in=people, type__in=FACTORS).values_list(
        "user_id", flat=True
    )
    Authenticator.objects.filter(user_id__in=people - set(kept)).delete()


@transaction.atomic
def remove_all(*, user: User) -> int:
    """Take every second factor and the recovery codes from `user`, who is locked out; return how many.

    It stands in the history of the account and in the log, unless there was nothing to take.
    """
    number, _ = Authenticator.objects.filter(user_id=user.pk).delete()
    if number:
        LogEntry.objects.create(
            user=user,
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(user.pk),
            object_repr=str(user),
            action_flag=CHANGE,
            change_message="Second factors removed on the command line.",
        )
        logger.warning("The second factors of account %s were removed on the command line.", user.pk)
    return number
