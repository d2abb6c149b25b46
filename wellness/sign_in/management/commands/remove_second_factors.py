"""Help for somebody who lost both phone and recovery codes."""

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from wellness.sign_in import factors


class Command(BaseCommand):
    help = "Remove every second factor of an account, so that a new one can be set up after the next log in."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *, username, **options):
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account {username!r}.")
        if not factors.remove_all(user=user):
            raise CommandError(f"{username} has no second factor.")
        self.stdout.write(f"{username} logs in with the password alone until a new factor is set up.")
