"""Every kind of public page: accessible, narrow enough, light enough, quiet."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = [
    "/",
    "/explore/",
    "/wellness-therapies/",
    "/wellness-therapies/ankle-weights/",
    "/wellness-therapies/ankle-weights/editions/1/",
    "/wellness-therapies/ankle-weights/evidence/",
    "/vitamins-minerals/vitamin-d-falls/",
    "/nutrition-foods/potassium-blood-pressure/",
    "/glossary/",
    "/about/",
    "/api/",
    "/contact/",
    "/search/",
    "/search/?q=weights",
    "/search/?q=ankel+weigths",
    "/studies/",
    "/studies/?population=older-adults&outcome=falls",
    "/studies/?population=children&outcome=gait-and-mobility",
    "/studies/forest/?outcome=depression-response&leave=sjw-hdtsg-2002&by=bias&col=people&col=weeks",
    "/studies/aw-duclos-2014/",
    "/studies/aw-park-2014/",
    "/populations/older-adults/",
    "/outcomes/gait-and-mobility/",
    "/interventions/ankle-weights/",
    "/conclusions/",
    "/conclusions/potassium-diastolic-blood-pressure/",
    "/conclusions/ankle-weights-muscle-activation/",
    "/conclusions/vitamin-d-falls/assessments/1/",
]
# As heavy as pages get: with all that is said for a group, and with words in italics.
HEAVY = [
    "/wellness-therapies/ankle-weights/?for=apparently-healthy",
    "/herbs-supplements/st-johns-wort-depression/?for=depression",
]
FAILING = {"/no/such/page/": 404, "/studies/?population=nobody": 400}
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # What passed is not listed element by element, which takes longer than finding it out.
    "resultTypes": ["violations"],
}


@pytest.mark.parametrize("path", PAGES)
def test_page_has_no_accessibility_violation(site, open_page, path):
    page = open_page()
    page.goto(site / path)

    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, f"{width} px, {scheme}\n{found.generate_report()}"


@pytest.mark.parametrize(("path", "status"), FAILING.items())
def test_page_of_a_failure_has_no_accessibility_violation(site, open_page, path, status):
    page = open_page(width=390)

    answer = page.goto(site / path)
    found = Axe().run(page, options=RULES)
    # Chromium itself reports the status on its console.
    open_page.said[:] = [line for line in open_page.said if f"status of {status}" not in line]

    assert answer.status == status
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", PAGES)
def test_page_does_not_scroll_sideways_at_320_pixels(site, open_page, path):
    page = open_page(width=320)

    page.goto(site / path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("path", PAGES + HEAVY)
def test_page_keeps_its_budget(site, open_page, path):
    page = open_page(width=390, height=844)
    requests = []
    page.on("request", lambda request: requests.append(request))

    page.goto(site / path)
    page.wait_for_load_state("networkidle")
    for request in requests:
        # The size is known once the answer has arrived whole.
        request.response().finished()
    sizes = {request.url: request.sizes()["responseBodySize"] for request in requests}
    total = {
        kind: sum(size for url, size in sizes.items() if url.split("?")[0].endswith(kind))
        for kind in (".css", ".js", ".woff2")
    }
    shift = page.evaluate(
        """() => new Promise(resolve => {
            let sum = 0;
            new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
                .observe({type: 'layout-shift', buffered: true});
            requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
        })"""
    )

    assert sizes[site / path] <= 25_000
    assert total[".css"] <= 12_000
    assert total[".js"] <= 5_000
    assert total[".woff2"] <= 90_000
    assert len(requests) <= 8
    assert all(url.startswith(site.address) for url in sizes)
    assert page.evaluate("document.querySelectorAll('*').length") <= 1_500
    assert shift <= 0.02


@pytest.mark.parametrize("path", PAGES)
def test_page_says_everything_without_script(site, open_page, path):
    with_script, without = open_page(), open_page(script=False)

    with_script.goto(site / path)
    without.goto(site / path)

    assert without.locator("main").inner_text().split() == [
        word for word in with_script.locator("main").inner_text().split() if word != "Print"
    ]
