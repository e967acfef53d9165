"""The blog in a browser: language, width, size, accessible names, and photos end to end."""

import json
import re
import urllib.request
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from local.cloud import Cloud
from tests.emulator.cloud import until

from ..browser import PHONE
from .conftest import Visit

PAGES = ("/en/", "/de/", "/en/photos/", "/de/photos/")
WEIGHTS = """
["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .map((each) => [each.name, each.decodedBodySize])
"""
MAX_PAGE_BYTES = 100_000  # bytes, without pictures


def settled(page) -> None:
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_a_title_and_fits_a_small_phone(visit: Visit, path: str):
    page = visit(path)
    settled(page)
    assert page.title()
    assert page.locator("html").get_attribute("lang") == path[1:3]
    assert page.locator("meta[name=description]").get_attribute("content")
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for each in page.locator("input").all():
        assert page.locator(f"label[for={each.get_attribute('id')}]").inner_text()
    for each in page.locator("img").all():
        assert each.get_attribute("alt")
    for each in page.locator("button:visible").all():
        assert each.bounding_box()["height"] >= 44, "a finger must hit it"


def test_the_root_uses_the_visitors_language_and_remembers_a_choice(visit: Visit):
    page = visit("/", "de-DE")
    settled(page)
    assert page.url.endswith("/de/")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/en/")
    page.goto(page.url.removesuffix("en/"))
    assert page.url.endswith("/en/")


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_small(visit: Visit, path: str):
    page = visit(path)
    settled(page)
    sizes = page.evaluate(WEIGHTS)
    weight = sum(size for url, size in sizes if "/img/" not in url)
    assert len(sizes) > 3 and 0 < weight < MAX_PAGE_BYTES


def test_a_post_is_read_from_the_list_in_either_language(visit: Visit):
    page = visit("/en/")
    page.get_by_role("link", name="Hello").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello")
    expect(page).to_have_title(re.compile("^Hello .* MyBlog$"))
    assert page.url.endswith("/en/posts/hello")
    page.get_by_role("link", name="Deutsch").click()
    page.wait_for_url("**/de/posts/hello")
    settled(page)
    assert page.locator("article p").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_missing_post_is_reported(visit: Visit):
    page = visit("/en/posts/no-such-post", refused=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("This post does not exist.")


def test_a_reader_subscribes_and_receives_an_email(visit: Visit, blog: Cloud):
    page = visit("/de/")
    settled(page)
    page.get_by_label("E-Mail-Adresse").fill("ada@example.org")
    page.get_by_role("button", name="Abonnieren").click()
    status = page.locator("#subscribe-status")
    expect(status).to_have_text(re.compile("^Danke. Öffnen Sie den Link in der E-Mail"))

    def mails() -> list:
        with urllib.request.urlopen(blog.mails) as answer:
            found = json.load(answer)["messages"]
        return [each for all_ in found.values() for each in all_ if "ada@example.org" in each["To"]]

    (confirmation,) = until(mails, 60)
    # A page of its own, as the browser asks the API for an icon, which it does not have.
    opened = page.context.new_page()
    opened.goto(confirmation["BodyText"].split()[-1])
    opened.get_by_role("button", name="Abonnieren").click()
    expect(opened.locator("body")).to_contain_text("subscribed")
    until(lambda: mails()[1:], 60)


def test_a_missing_page(visit: Visit):
    page = visit("/de/gibt-es-nicht", refused=True)
    assert page.locator("h1").inner_text() == "Seite nicht gefunden"
    assert page.locator("html").get_attribute("lang") == "de"


def test_a_photo_becomes_part_of_the_gallery(visit: Visit, blog: Cloud, tmp_path: Path):
    photo = tmp_path / "green photo.jpg"
    Image.new("RGB", (800, 600), "green").save(photo)
    page = visit("/en/photos/")
    expect(page.locator("#gallery-status")).to_have_text("There are no photos yet.")
    page.get_by_label("Photo (JPEG, PNG, WebP or GIF)").set_input_files(photo)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#upload-status")).to_have_text("Your photo is in the gallery.")
    image = page.locator("#gallery img")
    expect(image).to_have_count(1)
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth") > 0
    assert image.get_attribute("alt").startswith("Photo of ")
    assert "/img/" in image.evaluate("image => image.currentSrc")


def test_a_file_that_is_not_a_photo_is_rejected(visit: Visit, tmp_path: Path):
    text = tmp_path / "notes.txt"
    text.write_text("no photo")
    page = visit("/de/photos/")
    settled(page)
    page.locator("#file").set_input_files(text)
    page.get_by_role("button", name="Hochladen").click()
    status = page.locator("#upload-status")
    expect(status).to_have_text("Bitte wählen Sie eine JPEG-, PNG-, WebP- oder GIF-Datei.")
