"""What pages of the evidence say about topics: composed in the template, so that evidence knows no page."""

from django import template
from django.utils import timezone

from .. import resting
from ..models import Edition

register = template.Library()


@register.simple_tag
def topics_using_study(study):
    """The live editions that name this study, in the order of their titles."""
    return list(Edition.objects.live(timezone.now()).naming(study).for_list().a_to_z())


@register.filter
def findings_on_live_pages(conclusion):
    """The findings of live pages that rest on this conclusion."""
    return resting.findings_on([conclusion], at=timezone.now()).get(conclusion.pk, [])


@register.filter
def with_findings(impacts):
    """Pairs of an `evidence.impact.Impact` and the findings of live pages that rest on its conclusion."""
    conclusions = [impact.conclusion for impact in impacts]
    found = resting.findings_on(conclusions, at=timezone.now())
    return [(impact, found.get(impact.conclusion.pk, [])) for impact in impacts]
