"""Contact us."""

from urllib.parse import urlsplit

from django.http import HttpResponseForbidden
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from .. import contacting
from ..forms import MessageForm
from ..sender import address_of


# A CSRF token needs a cookie, and public pages set none. The form acts for nobody who is signed in, so
# that it is enough to take it from our own pages only.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request):
    if request.method != "POST":
        form = MessageForm(initial={"page": request.GET.get("page", "")[:300]})
        return render(request, "articles/contact.html", {"form": form, "is_sent": "sent" in request.GET})
    if not _is_from_our_own_page(request):
        return HttpResponseForbidden("This form can only be sent from this site.")
    form = MessageForm(request.POST)
    if form.is_from_a_program:
        return redirect("/contact/?sent")
    if not form.is_valid():
        return render(request, "articles/contact.html", {"form": form}, status=422)
    try:
        contacting.send(message=form.save(commit=False), address=address_of(request), at=timezone.now())
    except contacting.TooManyMessages:
        form.add_error(None, "That is a lot of messages within an hour. Please try again later.")
        return render(request, "articles/contact.html", {"form": form}, status=429)
    return redirect("/contact/?sent")


def _is_from_our_own_page(request):
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        return urlsplit(origin).netloc == request.get_host()
    except ValueError:
        return False
