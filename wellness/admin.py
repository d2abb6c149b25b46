"""The editors' site: the plain Django admin, sorted by what people come to do."""

from csp.constants import NONCE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.admin import AdminSite

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
        ("articles.topic", "articles.category", "articles.term", "articles.message", "articles.edition"),
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
        ),
    ),
    (
        "Vocabularies",
        "vocabularies",
        ("evidence.population", "evidence.intervention", "evidence.outcome", "evidence.tool"),
    ),
    ("People", "people", ("auth.user", "auth.group")),
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
        return csp_replace(POLICY)(super().login)(request, extra_context)

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


def _job(name, label, models):
    return {"name": name, "app_label": label, "app_url": "", "has_module_perms": True, "models": models}
