"""The demo: real studies and pages, and what loads them."""
