"""The files of the image library: under names that are never used again, so that browsers keep them."""

from pathlib import PurePath

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponseNotModified
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

CONTENT_TYPES = {
    "avif": "image/avif",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}
YEAR = 365 * 24 * 60 * 60


@require_safe
def image_file(request, name):
    """The file `name` of the storage: the address allows nothing but names that the library gives."""
    path = PurePath(name)
    etag = f'"{path.stem}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None and isinstance(unchanged, HttpResponseNotModified):
        response = unchanged
    else:
        try:
            file = default_storage.open(name)
        except FileNotFoundError as error:
            raise Http404("There is no such image.") from error
        response = FileResponse(file, content_type=CONTENT_TYPES[path.suffix.removeprefix(".")])
    response.headers["ETag"] = etag
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    return response
