"""The site with its clock ahead: what the public sees at a later moment, without anything having run."""

import datetime
import os

from django.utils import timezone

_now = timezone.now
_AHEAD = datetime.timedelta(seconds=int(os.environ["CLOCK_AHEAD"]))


def now():
    return _now() + _AHEAD


timezone.now = now

from wellness.wsgi import application  # noqa: E402, F401
