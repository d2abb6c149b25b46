"""How the staff gets in: passwords and second factors of django-allauth, and the gate before the admin."""
