"""Ranges of numbers as conditions."""

from django.db import models


def between(field, least, most):
    """The condition that `field` lies from `least` to `most`, both included; None leaves a side open."""
    condition = models.Q()
    if least is not None:
        condition &= models.Q(**{f"{field}__gte": least})
    if most is not None:
        condition &= models.Q(**{f"{field}__lte": most})
    return condition
