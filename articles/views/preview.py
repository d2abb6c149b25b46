"""The working copy behind a link that an editor shared."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from .. import pages, previewing, workflow
from ..forms import OutsideSignOffForm
from ..models import SignOff


@require_safe
def shared_preview(request, token):
    now = timezone.now()
    grant = previewing.grant_of(token, at=now)
    if grant is None:
        return _nothing_here(request)
    edition = previewing.preview(grant.topic, at=now, lens=request.GET.get("for", ""))
    if request.method == "GET":
        previewing.visit(grant, edition, at=now)
    return _preview(request, grant, edition, now)


# A CSRF token needs a cookie, and public pages set none. The credential of this form is the token in its own
# address: no browser adds it by itself, and whoever knows it may sign without any other site's help. Which
# text it showed is sealed for this very link.
@csrf_exempt
@require_POST
def shared_preview_sign_off(request, token):
    now = timezone.now()
    grant = previewing.grant_of(token, at=now)
    if grant is None or not (grant.may_sign and grant.topic.takes_outside_sign_off):
        return _nothing_here(request)
    form = OutsideSignOffForm(request.POST, grant=grant)
    status = 422
    if form.is_valid():
        try:
            workflow.sign_from_outside(grant=grant, at=now, **form.asked())
        except workflow.NotAllowed as error:
            form.add_error(None, str(error))
            status = 409
        else:
            return _kept_nowhere(redirect(f"{grant.get_absolute_url()}#sign-off"))
    edition = previewing.preview(grant.topic, at=now)
    return _preview(request, grant, edition, now, form=form, status=status)


def _preview(request, grant, edition, now, *, form=None, status=200):
    lens = request.GET.get("for", "")
    context = pages.preview_context(edition, at=now, lens=lens) | {"preview_until": grant.expires_at}
    if grant.may_sign and edition.topic.takes_outside_sign_off:
        case = workflow.Case(edition.topic, None, now)
        case.content = edition.content
        form = form or OutsideSignOffForm(grant=grant)
        context["outside"] = {
            "given": SignOff.objects.filter(grant=grant).on(edition.digest).first(),
            "refused": workflow.outside_refusal(case, grant),
            "form": form,
            # Also after a refusal: of the text that stands above the form now.
            "seen": previewing.seal(grant, edition.digest),
        }
    return _kept_nowhere(render(request, "articles/topic_detail.html", context, status=status))


def _nothing_here(request):
    # Drawn here and not raised, so that this answer too is kept nowhere.
    return _kept_nowhere(render(request, "404.html", status=404))


def _kept_nowhere(response):
    """Neither by search engines nor by caches, and the address is told to nobody."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
