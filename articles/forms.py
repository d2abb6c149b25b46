"""What readers send."""

from django import forms

from .models import Message


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
