"""Pages that were drawn when they were published."""

from django.db import models


class DrawnPage(models.Model):
    """A public page as it goes out to whoever asks for it first after a publish.

    It holds at exactly one moment of the database (`evidence.changes.Moment`) and for one release of the
    site. Nobody misses it: without it a page is drawn when it is asked for.
    """

    path = models.CharField(max_length=200, unique=True)
    epoch = models.CharField(max_length=36)
    version = models.BigIntegerField()
    release = models.CharField(max_length=64, help_text="What it was drawn by (wellness/release.py).")
    head = models.JSONField(help_text="Its headers, since when it holds, and until just before when.")
    body = models.BinaryField(help_text="As it goes out, compressed.")

    class Meta:
        default_permissions = ()

    def __str__(self):
        return self.path
