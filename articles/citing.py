"""How to cite a page: as text, as BibTeX, as RIS."""

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime

from evidence.exporting.bibtex import escape

from .models import Edition


def address(edition: Edition) -> str:
    """The lasting address of exactly this edition."""
    return f"{settings.SITE_URL}{edition.get_lasting_url()}"


def text(edition: Edition) -> str:
    """One line for a reference list."""
    day = date_format(edition.went_live_on, "j F Y")
    return f"{settings.SITE_NAME}. {edition.title}. Edition {edition.number}, {day}. {address(edition)}"


def bibtex(edition: Edition) -> str:
    """A BibTeX entry; its key is the last part of the address and the number."""
    slug = edition.path.rsplit("/", 1)[-1]
    day = localtime(edition.go_live_at)
    fields = {
        "title": f"{{{escape(edition.title)}}}",
        "author": f"{{{escape(settings.SITE_NAME)}}}",
        "year": str(day.year),
        "month": day.strftime("%b").lower(),
        "edition": str(edition.number),
        "url": address(edition),
    }
    lines = ",\n".join(
        f"  {name} = {value}" if name == "month" else f"  {name} = {{{value}}}"
        for name, value in fields.items()
    )
    return f"@misc{{{slug}-{edition.number},\n{lines}\n}}\n"


def ris(edition: Edition) -> str:
    """A RIS record with the line ends that the format asks for."""
    lines = [
        ("TY", "ELEC"),
        ("TI", edition.title),
        ("AU", settings.SITE_NAME),
        ("PY", str(localtime(edition.go_live_at).year)),
        ("DA", localtime(edition.go_live_at).strftime("%Y/%m/%d/")),
        ("ET", str(edition.number)),
        ("UR", address(edition)),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in lines)
