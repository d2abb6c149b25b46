"""Mail servers that behave badly, as back ends of Django's own mail."""

from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from articles import mailing
from articles.models import Notice


class RefusesSome(EmailBackend):
    """Takes no mail to an address that begins with “bad”."""

    def send_messages(self, messages):
        if any(message.to[0].startswith("bad") for message in messages):
            raise ConnectionRefusedError("Nobody of that name lives here.")
        return super().send_messages(messages)


class IsSlow(EmailBackend):
    """While it takes a mail, another worker and the daily round come along and want to send the same."""

    is_busy = False

    def send_messages(self, messages):
        if not IsSlow.is_busy:
            IsSlow.is_busy = True
            try:
                mailing.send_at_once(list(Notice.objects.values_list("pk", flat=True)), at=timezone.now())
                mailing.send_daily(at=timezone.now())
            finally:
                IsSlow.is_busy = False
        return super().send_messages(messages)
