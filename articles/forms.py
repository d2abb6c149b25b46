"""What readers send."""

from django import forms

from . import previewing
from .models import Message
from .workflow import LONGEST_NAME


class MessageForm(forms.ModelForm):
    # People do not see this field; programs that fill in every field do.
    website = forms.CharField(required=False, label="Leave this empty", max_length=200)

    subject = forms.TypedChoiceField(
        label="What it is about", choices=[("", "Please choose"), *Message.Subject.choices]
    )

    class Meta:
        model = Message
        fields = ["subject", "page", "text", "name", "email"]
        error_messages = {"email": {"invalid": "Enter an e-mail address such as name@example.org."}}
        widgets = {"text": forms.Textarea(attrs={"rows": 8, "maxlength": 5000})}

    @property
    def is_from_a_program(self):
        """Whether the trap was filled in."""
        return bool(self.data.get(self.add_prefix("website")))


class OutsideSignOffForm(forms.Form):
    """The word of somebody without an account for the text that a shared link showed them."""

    name = forms.CharField(
        label="Your name, and what makes you an expert",
        max_length=LONGEST_NAME,
        help_text="For example: Dr Ada Byron, physiotherapist in Leeds. The editors see it; readers do not.",
    )
    note = forms.CharField(
        label="Remarks",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For the editors.",
    )
    stands = forms.BooleanField(
        label="I stand by exactly this text",
        error_messages={"required": "Tick this if you stand by the text."},
    )
    # What is wrong with it is said above the form, since nobody sees the field.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, grant, **kwargs):
        super().__init__(*args, **kwargs)
        self.grant = grant

    def clean(self):
        super().clean()
        digest = previewing.sealed(self.cleaned_data.get("seen", ""), self.grant)
        if digest is None:
            raise forms.ValidationError("This form does not belong to this link.")
        self.cleaned_data["seen"] = digest

    def asked(self):
        """What was written, in the words of `workflow.sign_from_outside`."""
        return {name: self.cleaned_data[name] for name in ("name", "note", "seen")}
