"""What pages of the evidence say about topics: composed in the template, so that evidence knows no page."""

from django import template
from django.utils import timezone

from ..models import Edition

register = template.Library()


@register.simple_tag
def topics_using_study(study):
    """The live editions that name this study, in the order of their titles."""
    return list(Edition.objects.live(timezone.now()).naming(study).for_list().a_to_z())
