"""What the database never lets change of pages: editions with their images, sign-offs, events."""

from evidence.immutability import Frozen, register

from .models import Edition, EditionImage, EditionLens, Event, Image, Rendition, SignOff

register(
    Frozen(Edition, Edition.CHANGEABLE, once=("withdrawn_at", "withdrawn_by", "withdrawal_note")),
    Frozen(EditionImage),
    Frozen(EditionLens),
    Frozen(Image, Image.CHANGEABLE, is_kept=False),
    Frozen(Rendition, is_kept=False),
    Frozen(SignOff),
    Frozen(Event),
)
