"""Admin of the image library: several files at once, focal points, and where an image is shown."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Count, OuterRef, ProtectedError, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from js_asset import Script

from evidence.admin.autocomplete import KeySelect

from .. import images, permissions
from ..models import EditionImage, Figure, Folder, Image, Topic
from .folder import FolderChoiceField
from .library import LibraryMixin

THUMBNAIL = 480
"""Pixels: the width of the smallest rendition."""


def smallest(image, *, width=THUMBNAIL):
    """The file of an image that is at least so wide, or the widest there is. No query if prefetched."""
    sizes = sorted(images.on_pages(image), key=lambda size: (size.width, size.type != "image/webp"))
    return next((size.file for size in sizes if size.width >= width), image.file)


class ImageSelect(KeySelect):
    """An image of the library by its title, with a small picture of the one that is chosen."""

    @property
    def media(self):
        module = Script("wellness-admin/chosen-image.js", type="module")
        return super().media + forms.Media(js=[module])

    def build_attrs(self, base_attrs, extra_attrs=None):
        thumbnails = reverse("admin:articles_image_thumbnail", args=[0])
        return {**super().build_attrs(base_attrs, extra_attrs), "data-thumbnails": thumbnails}


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    widget = FilesInput

    def clean(self, data, initial=None):
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


class UploadForm(forms.Form):
    folder = FolderChoiceField()
    files = FilesField(
        help_text=f"JPEG, PNG, WebP, AVIF or GIF, up to {filesizeformat(images.MAX_BYTES)} each."
    )


class MoveForm(ActionForm):
    folder = FolderChoiceField(label="Folder:")


class FolderFilter(admin.SimpleListFilter):
    title = "folder"
    parameter_name = "in"

    def lookups(self, request, model_admin):
        folders = Folder.objects.in_tree_order()
        return [
            ("none", "In no folder"),
            *((str(folder.pk), f"{'– ' * folder.tree_depth}{folder.name}") for folder in folders),
        ]

    def queryset(self, request, queryset):
        if self.value() == "none":
            return queryset.filter(folder=None)
        if self.value() in {value for value, _ in self.lookup_choices}:
            return queryset.in_folder(int(self.value()))
        return queryset


class UseFilter(admin.SimpleListFilter):
    title = "use"
    parameter_name = "use"

    def lookups(self, request, model_admin):
        return [
            ("used", "Shown somewhere"),
            ("unused", "Shown nowhere"),
            ("wordless", "Without text alternative"),
        ]

    def queryset(self, request, queryset):
        if self.value() == "used":
            return queryset.used()
        if self.value() == "unused":
            return queryset.unused()
        if self.value() == "wordless":
            return queryset.filter(alt="")
        return queryset


@admin.register(Image)
class ImageAdmin(LibraryMixin, admin.ModelAdmin):
    list_display = ("thumbnail", "title", "folder", "measures", "says", "n_topics", "n_editions", "added_at")
    list_display_links = ("thumbnail", "title")
    list_filter = (FolderFilter, UseFilter)
    list_select_related = ("folder",)
    list_per_page = 50
    ordering = ("-added_at", "-pk")
    search_fields = ("title", "alt", "caption", "credit", "source", "folder__name")
    search_help_text = "Searches titles, words, credits and folders."
    actions = ("move",)
    action_form = MoveForm
    readonly_fields = ("picture", "measures", "added", "used_in")
    fieldsets = (
        (None, {"fields": ("picture", ("focal_x", "focal_y"), "title", "folder")}),
        ("Words", {"fields": ("alt", "caption")}),
        ("Rights", {"fields": ("credit", "licence", "source")}),
        ("Use", {"fields": ("used_in", "measures", "added")}),
    )
    change_form_template = "admin/articles/image/change_form.html"

    # List

    def get_queryset(self, request):
        found = super().get_queryset(request).prefetch_related("renditions")
        return found.annotate(
            count_of_topics=_count(Figure, "parent"), count_of_editions=_count(EditionImage, "edition")
        )

    @admin.display(description="image")
    def thumbnail(self, image):
        return format_html(
            '<img class="thumbnail" src="{}" alt="{}" loading="lazy">', smallest(image).url, image.title
        )

    @admin.display(description="pixels", ordering="width")
    def measures(self, image):
        return f"{image.width} × {image.height}"

    @admin.display(description="text alternative", boolean=True)
    def says(self, image):
        return image.alt != ""

    @admin.display(description="topics", ordering="count_of_topics")
    def n_topics(self, image):
        return image.count_of_topics

    @admin.display(description="editions", ordering="count_of_editions")
    def n_editions(self, image):
        return image.count_of_editions

    @admin.action(description="Move to the folder", permissions=["change"])
    def move(self, request, queryset):
        try:
            folder = FolderChoiceField().clean(request.POST.get("folder"))
        except ValidationError:
            messages.error(request, "Nothing was moved: there is no such folder any more.")
            return
        n = Image.objects.filter(pk__in=queryset.values("pk")).update(folder=folder)
        where = "out of their folders" if folder is None else f"to “{folder}”"
        messages.success(request, f"{n} image{'' if n == 1 else 's'} moved {where}.")

    # Form

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "source":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "folder":
            return FolderChoiceField(label="Folder")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="image")
    def picture(self, image):
        return format_html(
            '<span class="focal-point" data-focal-point>'
            '<img src="{}" width="{}" height="{}" alt="{}"></span>',
            smallest(image, width=800).url,
            image.width,
            image.height,
            image.alt,
        )

    @admin.display(description="added")
    def added(self, image):
        by = f" by {image.added_by}" if image.added_by else ""
        day = timezone.localtime(image.added_at)
        return f"{day:%-d %B %Y}{by}, {filesizeformat(image.size)}"

    @admin.display(description="shown in")
    def used_in(self, image):
        topics = Topic.objects.filter(pk__in=Figure.objects.filter(image=image).values("parent"))
        lines = [
            (reverse("admin:articles_topic_change", args=[topic.pk]), f"{topic}, working copy")
            for topic in (topics | Topic.objects.filter(image=image)).distinct().order_by("short_title")
        ]
        shown = EditionImage.objects.filter(image=image).select_related("edition")
        lines += [
            (row.edition.get_lasting_url(), str(row.edition))
            for row in shown.defer("edition__content", "edition__body_html", "edition__text").order_by(
                "edition__short_title", "-edition__number"
            )
        ]
        if not lines:
            return "Nowhere"
        return format_html(
            '<ul class="uses">{}</ul>', format_html_join("", '<li><a href="{}">{}</a></li>', lines)
        )

    def save_model(self, request, obj, form, change):
        images.refocus(obj)

    # Several files at once

    def get_urls(self):
        return [
            path(
                "<int:key>/thumbnail/",
                self.admin_site.admin_view(self.thumbnail_view),
                name="articles_image_thumbnail",
            ),
            *super().get_urls(),
        ]

    def thumbnail_view(self, request, key):
        """Where the small picture of an image is, for forms that know its key only."""
        permissions.require(request.user, "view images")
        image = Image.objects.prefetch_related("renditions").filter(pk=key).first() if key < 2**63 else None
        if image is None:
            raise Http404("There is no such image.")
        return HttpResponseRedirect(smallest(image).url)

    def add_view(self, request, form_url="", extra_context=None):
        permissions.require(request.user, "add images")
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = UploadForm(*posted, initial={"folder": _initial(request)})
        is_popup = IS_POPUP_VAR in request.POST or IS_POPUP_VAR in request.GET
        if request.method == "POST" and form.is_valid():
            added, refused = self._keep(request, form)
            if added:
                for name, why in refused:
                    messages.error(request, format_html("“{}” was not added. {}", name, why))
                return self._after(request, added, refused, is_popup=is_popup)
            for name, why in refused:
                form.add_error("files", format_html("“{}”: {}", name, why))
        context = {
            **self.admin_site.each_context(request),
            "title": "Add images",
            "opts": self.opts,
            "form": form,
            "is_popup": is_popup,
            "media": self.media + form.media,
            **(extra_context or {}),
        }
        return render(request, "admin/articles/image/add.html", context)

    def _keep(self, request, form):
        """The images that were added, and the names of files that were refused with the reasons."""
        added, refused = [], []
        for file in form.cleaned_data["files"]:
            try:
                image = images.keep(
                    file=file, by=request.user, at=timezone.now(), folder=form.cleaned_data["folder"]
                )
            except images.KnownImage as error:
                url = reverse("admin:articles_image_change", args=[error.image.pk])
                why = format_html(
                    'It is in the library already: <a href="{}">{}</a>.', url, error.image.title
                )
                refused.append((file.name, why))
            except images.NotAnImage as error:
                refused.append((file.name, str(error)))
            else:
                self.log_addition(request, image, "Added.")
                added.append(image)
        return added, refused

    def _after(self, request, added, refused, *, is_popup):
        if is_popup:
            return self.response_add(request, added[0])
        if len(added) == 1:
            messages.success(request, "The image was added. Say what it shows, and what must stay in sight.")
            return HttpResponseRedirect(reverse("admin:articles_image_change", args=[added[0].pk]))
        messages.success(request, f"{len(added)} images were added. Each needs a text alternative.")
        return HttpResponseRedirect(reverse("admin:articles_image_changelist", query={"use": "wordless"}))

    # Deleting

    def delete_model(self, request, obj):
        images.remove(images=[obj])

    def delete_queryset(self, request, queryset):
        images.remove(images=list(queryset))

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except (ProtectedError, IntegrityError):
            # Somebody began to use it while the question was on the screen.
            messages.error(request, "Nothing was deleted: the image is in use now.")
            return HttpResponseRedirect(reverse("admin:articles_image_change", args=[object_id]))

    def changelist_view(self, request, extra_context=None):
        try:
            return super().changelist_view(request, extra_context)
        except (ProtectedError, IntegrityError):
            messages.error(request, "Nothing was deleted: one of the images is in use now.")
            return HttpResponseRedirect(request.get_full_path())


def _count(model, what):
    """How many different `what` show an image by way of `model`."""
    rows = model.objects.filter(image=OuterRef("pk")).order_by().values("image")
    return Coalesce(Subquery(rows.annotate(n=Count(what, distinct=True)).values("n")), 0)


def _initial(request):
    """The folder in which somebody was looking when they asked to add images."""
    wanted = request.GET.get("in", "")
    return int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 18 else None
