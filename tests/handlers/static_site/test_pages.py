"""The viewer request function: the page and the language for each path."""

from pathlib import Path
from typing import Any

import pytest

from components.static_site.content import site_files
from components.static_site.pages_function import LARGEST, site_code
from components.static_site.path_table import site_table

from .node import answers, request

LANGUAGES = ("en", "de")


@pytest.fixture
def site(tmp_path: Path) -> Any:
    """`site(*events)` returns the results for a small site in two languages."""
    for each in LANGUAGES:
        (tmp_path / each / "about").mkdir(parents=True)
        (tmp_path / each / "index.html").write_text(each)
        (tmp_path / each / "about/index.html").write_text("about")
        (tmp_path / each / "post.html").write_text("post")
        (tmp_path / each / "404.html").write_text(f"<p>\n  missing in {each}</p>")
    (tmp_path / "favicon.ico").write_bytes(b"\0")
    (tmp_path / "café.html").write_text("café")
    (tmp_path / "error-404.html").write_text("error")
    files = site_files(str(tmp_path))
    routes = {"/en/posts/*": "/en/post.html", "/en/*": "/en/index.html"}
    redirects = {"/old": "/en/about/", "/gone": "https://x.test/"}
    redirects |= {"/asked": "/en/?b=2#top", "/anchored": "/en/#top"}
    table = site_table(files, routes, redirects, [])
    code = site_code("example.com", LANGUAGES, files)

    def ask(*events: Any) -> list[Any]:
        return [each["answer"] for each in answers(code, table, events)]

    return ask


def place(answer: Any) -> str:
    assert answer["statusCode"] in (301, 302)
    return str(answer["headers"]["location"]["value"])


def test_a_folder_leads_to_its_index(site):
    pages, folder, index, file = site(
        *map(request, ("/en/about/", "/en/about", "/en/about/index.html", "/favicon.ico"))
    )
    assert pages["uri"] == "/en/about/index.html"
    assert (place(folder), place(index)) == ("/en/about/", "/en/about/")
    assert file["uri"] == "/favicon.ico"


def test_deep_links_lead_to_their_page(site):
    post, deeper, near, file = site(
        *map(request, ("/en/posts/hello", "/en/posts/a/b", "/en/elsewhere", "/en/posts/a.png"))
    )
    assert post["uri"] == deeper["uri"] == "/en/post.html"
    assert near["uri"] == "/en/index.html"
    assert file["statusCode"] == 404


def test_a_dot_in_a_name_is_not_an_extension(site):
    user, upper = site(*map(request, ("/en/posts/john.doe", "/en/posts/a.PNG")))
    assert user["uri"] == "/en/post.html"
    assert upper["statusCode"] == 404


def test_a_page_is_found_without_its_extension(site):
    short, whole, error = site(*map(request, ("/en/post", "/en/post.html", "/error-404.html")))
    assert short["uri"] == whole["uri"] == "/en/post.html"
    assert error["uri"] == "/error-404.html"


@pytest.mark.parametrize("path", ["/caf%C3%A9.html", "/caf%c3%a9.html", "/caf%C3%A9", "/café"])
def test_encoded_names_are_found_in_every_form(site, path):
    [page] = site(request(path))
    assert page["uri"] == "/caf%C3%A9.html"


def test_a_path_that_cannot_be_decoded_is_missing(site):
    [answer] = site(request("/%E0%A4%A"))
    assert answer["statusCode"] == 404


def test_the_query_is_added_to_that_of_the_target(site):
    query = {"a": {"value": "1"}}
    asked, anchored, plain = site(
        request("/asked", query=query), request("/anchored", query=query), request("/asked")
    )
    assert place(asked) == "/en/?b=2&a=1#top"
    assert place(anchored) == "/en/?a=1#top"
    assert place(plain) == "/en/?b=2#top"


def test_missing_pages_use_the_language_of_the_path(site):
    german, none = site(*map(request, ("/de/nothing", "/nothing")))
    assert german["statusCode"] == none["statusCode"] == 404
    assert german["body"]["data"] == "<p>\nmissing in de</p>"
    assert "Not found" in none["body"]["data"]


def test_members_of_every_object_are_missing_pages(site):
    none, *answers = site(*map(request, ("/nothing", "/__proto__", "/constructor", "/toString")))
    assert answers == [none] * 3


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ({}, "en"),
        ({"accept_language": "de"}, "de"),
        ({"accept_language": "de-AT,de;q=0.9,en;q=0.8"}, "de"),
        ({"accept_language": "fr, en;q=0.2, de;q=0.7"}, "de"),
        ({"accept_language": "fr"}, "en"),
        ({"accept_language": "de;q=0"}, "en"),
        ({"accept_language": ";;;q=,*"}, "en"),
        ({"accept_language": "en", "cookie": "de"}, "de"),
        ({"accept_language": "de", "cookie": "xx"}, "de"),
    ],
)
def test_the_root_redirects_to_the_visitors_language(site, wish, language):
    [answer] = site(request("/", **wish))
    assert place(answer) == f"/{language}/"
    assert answer["headers"]["cache-control"]["value"] == "no-store"


def test_www_and_moved_pages_are_redirected(site):
    query = {
        "a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2%20"}]},
        "b": {"value": ""},
    }
    www, old, away = site(
        request("/en/", query=query, host="www.example.com"), request("/old"), request("/gone")
    )
    assert place(www) == "https://example.com/en/?a=1&a=2%20&b"
    assert (place(old), place(away)) == ("/en/about/", "https://x.test/")


def test_it_is_small_and_reads_the_table_only_a_few_times(tmp_path):
    code = site_code("example.com", LANGUAGES, [])
    assert len(code.encode()) < LARGEST / 2
    paths = ["/en/", "/a/b/c/d/e/f/g/h/i/j", "/" + "x/" * 2000]
    counts = [each["calls"] for each in answers(code, {"/en/": "/x"}, map(request, paths))]
    assert counts[0] == 1 and max(counts) <= 6
