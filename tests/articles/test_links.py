"""Links of rich text to our own things."""

from articles import links


def draw(scheme, target, inner):
    return f"[{scheme}|{target}|{inner}]"


def test_targets_are_found_in_their_order():
    html = '<p><a href="study:b">B</a> <a href="https://example.org">out</a> <a href="term:emg">EMG</a></p>'

    assert list(links.targets(html)) == [("study", "b"), ("term", "emg")]


def test_own_links_are_drawn_and_others_kept():
    html = '<p>See <a href="study:b" rel="x">the <em>trial</em></a> and <a href="https://example.org/?a=1&amp;b=2">this</a>.</p>'

    assert links.resolve(html, draw) == (
        "<p>See [study|b|the <em>trial</em>] and "
        '<a href="https://example.org/?a=1&amp;b=2" rel="noopener">this</a>.</p>'
    )


def test_a_target_with_odd_characters_stays_a_target():
    assert list(links.targets('<a href="study:a&amp;b&quot;c">x</a>')) == [("study", 'a&b"c')]
