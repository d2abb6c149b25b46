"""Answers that are files, and why there is none."""

from django.http import HttpResponse


def attached(name):
    """The headers of a file to keep: it has a name and no place in search engines."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "X-Robots-Tag": "noindex"}


def misunderstood(form):
    """That an address was not understood, parameter by parameter."""
    problems = "".join(f"{param}: {message}\n" for param, message in form.problems)
    return refused(f"This address was not understood, so there is no file.\n{problems}")


def refused(text):
    """Why there is no file, in plain words."""
    return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
