"""The project: settings, addresses, the admin site, home, site search and the demo."""
