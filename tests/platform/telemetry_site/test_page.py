"""The page of reports in a browser: accessible names, width, and the drawn reports."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from local.sites import Sites
from tests.emulator.cloud import until
from tests.emulator.gateway import call
from tests.projects import ROOT, free_port

from ..browser import PHONE
from .conftest import Sent, Telemetry, Visit

BARS = "svg#rates rect.bar"
LINES = "svg#percentiles polyline"


@pytest.fixture
def page(visit: Visit, telemetry: Telemetry, fleet: tuple[str, Sent]) -> Page:
    """The page with its reports."""
    page = visit(telemetry.out["siteUrl"])
    expect(page.locator("#reports")).to_be_visible()
    return page


@pytest.fixture
def empty() -> Iterator[str]:
    """The address of the page without reports."""
    url = f"http://localhost:{free_port()}"
    sites = Sites(ROOT / "site")
    sites.start({"telemetry": {"siteUrl": url}})
    yield url
    sites.stop()


def test_a_saved_page_is_served_without_a_restart(telemetry: Telemetry):
    url, style = (
        f"{telemetry.out['siteUrl']}/style.css",
        telemetry.project / "site/telemetry/style.css",
    )
    assert "/* saved */" not in call(url).text
    style.write_text(f"{style.read_text()}/* saved */\n")
    until(lambda: call(url).text.endswith("/* saved */\n"), 10)


def total(page: Page, name: str) -> Locator:
    return page.locator(f"#totals div:has(dt:text-is('{name}')) dd")


def test_it_has_a_title_and_fits_a_small_phone(page: Page):
    assert page.title() == "Telemetry"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("meta[name=description]").get_attribute("content")
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.get_by_role("img", name="Readings per hour")).to_be_visible()
    expect(page.get_by_role("img", name="Percentiles of temperature by hour")).to_be_visible()
    for label in page.locator("svg text").all():
        assert label.bounding_box()["height"] >= 11, "small print"
    for name in ("Day (UTC)", "Measure"):
        assert page.get_by_label(name).bounding_box()["height"] >= 44, "a finger must hit it"


def test_it_draws_the_newest_day(page: Page, telemetry: Telemetry):
    day, devices = next(iter(telemetry.reports("devices").items()))
    hours = telemetry.reports("hours")[day]
    expect(page.get_by_label("Day (UTC)")).to_have_value(day)
    expect(total(page, "Devices")).to_have_text(str(len(devices)))
    expect(total(page, "Readings")).to_have_text(f"{sum(row['readings'] for row in devices):,}")
    assert page.locator(BARS).count() == len(hours)
    titles = page.locator(f"{BARS} title").all_text_contents()
    assert titles == [
        f"{row['readings']} readings of {row['devices']} devices, {row['late']} late"
        for row in hours
    ]
    assert page.locator(LINES).count() == 3
    for line in page.locator(LINES).all():
        points = line.get_attribute("points").split()
        assert len(points) == len(hours) and not any("NaN" in point for point in points)
    rows = page.locator("#devices tr").count() - 1
    assert rows == len(devices)


def test_another_day_and_another_measure(page: Page, telemetry: Telemetry):
    day, devices = list(telemetry.reports("devices").items())[1]
    page.get_by_label("Day (UTC)").select_option(day)
    expect(total(page, "Readings")).to_have_text(f"{sum(row['readings'] for row in devices):,}")
    expect(page.locator("#devices tr")).to_have_count(len(devices) + 1)
    page.get_by_label("Measure").select_option("humidity")
    expect(page.locator("#percentiles-title")).to_have_text("Percentiles of humidity by hour")
    wettest = page.locator("#devices tr").nth(2).locator("td").last.inner_text()
    most = devices[1]["humidity_max"]
    assert wettest == f"{most:.2f}"


def test_it_shows_new_reports_automatically(page: Page, telemetry: Telemetry):
    before = int(total(page, "Devices").inner_text())
    telemetry.devices("--count", "3", "--records", "30", "--bad", "0", "--late", "0")
    expect(page.locator("#devices tr")).to_have_count(before + 3 + 1, timeout=60_000)


def test_without_reports_it_says_when_they_arrive(visit: Visit, empty: str):
    page = visit(empty, without_reports=True)
    expect(page.get_by_role("status")).to_contain_text("No reports yet.")
    expect(page.locator("#reports")).to_be_hidden()
