import pytest

NAME = "images/" + "0a" * 16


@pytest.fixture
def stored(settings):
    (settings.MEDIA_ROOT / "images").mkdir(parents=True)
    for ending in ("avif", "gif", "jpg", "png", "webp"):
        (settings.MEDIA_ROOT / f"{NAME}.{ending}").write_bytes(b"pixels")


@pytest.mark.parametrize(
    ("ending", "content_type"),
    [
        ("avif", "image/avif"),
        ("gif", "image/gif"),
        ("jpg", "image/jpeg"),
        ("png", "image/png"),
        ("webp", "image/webp"),
    ],
)
def test_image_is_served_as_what_it_is_and_kept_for_a_year(ending, content_type, client, stored):
    response = client.get(f"/media/{NAME}.{ending}")

    assert (response.status_code, response.getvalue()) == (200, b"pixels")
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Content-Length"] == "6"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert set(response.headers["Cache-Control"].split(", ")) == {"public", "max-age=31536000", "immutable"}
    assert not response.cookies


def test_image_that_a_browser_has_is_not_sent_again(client, db, stored):
    first = client.get(f"/media/{NAME}.png")
    first.close()
    etag = first.headers["ETag"]

    response = client.get(f"/media/{NAME}.png", headers={"If-None-Match": etag})

    assert (response.status_code, response.content) == (304, b"")
    assert "immutable" in response.headers["Cache-Control"]


def test_image_that_is_not_there_is_not_found(client, db):
    response = client.get(f"/media/{NAME}.png")

    assert response.status_code == 404
    assert "immutable" not in response.headers.get("Cache-Control", "")


def test_image_is_only_looked_at(client, stored):
    assert client.post(f"/media/{NAME}.png").status_code == 405
