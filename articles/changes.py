"""What the database tells of pages beside the evidence: everything that the public reads.

It moves `evidence.changes.now()`, by which a process knows that what it keeps of pages is as it was.
"""

from django.contrib.auth.models import User
from django.db import models

from evidence.changes import Watched, register

from .models import Category, Edition, EditionLens, Term, Topic


class Kind(models.TextChoices):
    """Beside those of the evidence."""

    EDITION = "edition", "Edition, or anything that belongs to it"
    TOPIC = "topic", "Where a topic stands"
    CATEGORY = "category", "Category"
    TERM = "term", "Word of the glossary"
    PERSON = "person", "Name of a person"


register(
    Watched(Edition, Kind.EDITION),
    Watched(EditionLens, Kind.EDITION, "edition"),
    Watched(Edition.studies.through, Kind.EDITION, "edition"),
    # What else a topic says is the working copy: readers see its editions.
    Watched(Topic, Kind.TOPIC, only=("parent", "position", "is_featured")),
    Watched(Category, Kind.CATEGORY),
    Watched(Term, Kind.TERM),
    # Assessments are signed with it.
    Watched(User, Kind.PERSON, only=("username", "first_name", "last_name")),
)
