"""The editors' site: the plain Django admin, sorted by what people come to do."""

from allauth.account import views as account
from csp.constants import NONCE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from articles import notices, permissions
from articles.desk import desk
from articles.reports import REPORTS

# Scripts stay strict; editors of rich text and tables write style attributes while people type.
POLICY = {
    "script-src": [SELF, NONCE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF, "data:"],
    "connect-src": [SELF],
}

# Each job with its nouns, in order of use. What is named nowhere is plumbing, for superusers only.
JOBS = (
    (
        "Pages",
        "pages",
        (
            "articles.topic",
            "articles.category",
            "articles.term",
            "articles.image",
            "articles.folder",
            "articles.message",
            "articles.missedsearch",
            "articles.edition",
            "articles.event",
        ),
    ),
    (
        "Evidence",
        "evidence",
        (
            "evidence.study",
            "evidence.report",
            "evidence.sample",
            "evidence.arm",
            "evidence.result",
            "evidence.appraisal",
            "evidence.conclusion",
            "evidence.assessment",
        ),
    ),
    (
        "Vocabularies",
        "vocabularies",
        ("evidence.population", "evidence.intervention", "evidence.outcome", "evidence.tool"),
    ),
    ("People", "people", ("auth.user", "auth.group", "mfa.authenticator")),
)


class WellnessAdminSite(AdminSite):
    """The admin under the site's own name, with a policy of its own and lists grouped by job."""

    index_title = "What would you like to work on?"
    enable_nav_sidebar = True

    @property
    def site_header(self):
        return f"{settings.SITE_NAME} editors"

    @property
    def site_title(self):
        return f"{settings.SITE_NAME} editors"

    def admin_view(self, view, cacheable=False):
        return csp_replace(POLICY)(super().admin_view(view, cacheable))

    def login(self, request, extra_context=None):
        """The one way in is that of django-allauth; whoever is in without a right to be here is told so."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))

    def logout(self, request, extra_context=None):
        return account.logout(request) if request.method == "POST" else redirect("account_logout")

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def password_change_done(self, request, extra_context=None):
        return redirect("mfa_index")

    def get_urls(self):
        # Not at the top of the file: the admin of the pages registers with this site while it is loaded.
        from articles.admin import notice, reports

        return [*notice.urls(self), *reports.urls(self), *super().get_urls()]

    def each_context(self, request):
        """With the number of unread notices; counted once a page shows it, None for who can have none."""
        unread = SimpleLazyObject(lambda: notices.unread_count(request.user))
        may_have_notices = permissions.may(request.user, "view")
        return {**super().each_context(request), "n_unread_notices": unread if may_have_notices else None}

    def index(self, request, extra_context=None):
        found = desk(user=request.user, at=timezone.now())
        context = {
            "piles": [(pile, pile.model._meta, _list_of(pile)) for pile in found.piles],
            "counts": [(pile, _list_of(pile)) for pile in found.counts],
            "latest": [(pile, pile.model._meta, _list_of(pile)) for pile in found.latest],
            "reports": list(REPORTS.values()) if found.has_reports else [],
        }
        return super().index(request, {**context, **(extra_context or {})})

    def get_app_list(self, request, app_label=None):
        """The models that this person may see: of one app as Django groups them, else by job."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        models = {
            f"{app['app_label']}.{model['object_name'].lower()}": model
            for app in apps
            for model in app["models"]
        }
        jobs = []
        for name, label, nouns in JOBS:
            jobs.append(_job(name, label, [models.pop(noun) for noun in nouns if noun in models]))
        if request.user.is_superuser:
            jobs.append(_job("Plumbing", "plumbing", list(models.values())))
        return [job for job in jobs if job["models"]]


def _list_of(pile):
    """The address of the list or report that shows exactly the rows of a pile."""
    if pile.report:
        return reverse("admin:report", args=[pile.report], query=pile.filters or None)
    opts = pile.model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist", query=pile.filters or None)


def _job(name, label, models):
    return {"name": name, "app_label": label, "app_url": "", "has_module_perms": True, "models": models}
