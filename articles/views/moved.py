"""Answers that lead readers of an old address to the page where it lives now."""

from django.http import HttpResponsePermanentRedirect
from django.utils.cache import patch_cache_control


def moved_to(url):
    """A redirect for good that browsers remember for an hour: pages may move back."""
    response = HttpResponsePermanentRedirect(url)
    patch_cache_control(response, max_age=3600)
    return response
