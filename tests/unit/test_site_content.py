"""The files of a site: names, bytes, media types, references and links."""

import subprocess
import sys
from pathlib import Path

import pulumi
import pytest

from components.static_site.content import FOREVER, OTHER, PAGE, SiteFile, site_files


def files(folder: Path, assets: str = "", **more) -> dict[str, SiteFile]:
    return {each.key: each for each in site_files(str(folder), assets, **more)}


def write(folder: Path, name: str, content: bytes | str = "x") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "cached"),
    [
        ("release-20240131.html", PAGE),
        ("page-1a2b3c4d.html", PAGE),
        ("release-20240131.pdf", OTHER),
        ("the-deadbeef.css", OTHER),
        ("app-1a2b3c4d.js", FOREVER),
        ("app.0123456789ab.js.map", FOREVER),
    ],
)
def test_only_a_digest_is_taken_for_a_digest(tmp_path, name, cached):
    write(tmp_path, name)
    assert files(tmp_path)[name].cache_control == cached


def test_pages_among_assets_keep_their_names(tmp_path):
    write(tmp_path, "assets/part.html")
    write(tmp_path, "assets/a.css")
    found = files(tmp_path, "assets/")
    assert found["assets/part.html"].cache_control == PAGE
    assert [each.cache_control for each in found.values()].count(FOREVER) == 1


def test_bytes_go_up_as_they_are(tmp_path):
    write(tmp_path, "latin.html", "café".encode("latin-1"))
    write(tmp_path, "lines.js", "a\r\nb")
    for each in files(tmp_path).values():
        assert isinstance(each.asset, pulumi.FileAsset)
    write(tmp_path, "assets/a.css", "a {}")
    write(tmp_path, "page.html", "\ufeffé\r\n/assets/a.css\r\n")
    text = files(tmp_path, "assets/")["page.html"].text
    assert text is not None
    assert text.startswith("\ufeffé\r\n/assets/a.") and text.endswith(".css\r\n")


def test_the_locale_does_not_matter(tmp_path):
    write(tmp_path, "page.html", "größe /assets/a.css")
    write(tmp_path, "assets/a.css")
    program = (
        "import sys; from components.static_site.content import site_files;"
        "print([each.digest for each in site_files(sys.argv[1], 'assets/')])"
    )
    given = [sys.executable, "-X", "utf8=0", "-c", program, str(tmp_path)]
    locales = ({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "C.UTF-8"})
    first, second = (subprocess.check_output(given, env=each) for each in locales)
    assert first == second


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("LICENSE", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
        ("a.otf", "font/otf"),
        ("feed.rss", "application/rss+xml"),
        ("a.gz", "application/gzip"),
        ("a.tar.gz", "application/gzip"),
        ("a.tar.bz2", "application/x-bzip2"),
        ("a.vtt", "text/vtt; charset=utf-8"),
        ("a.ics", "text/calendar; charset=utf-8"),
        ("a.yaml", "application/yaml"),
        ("a.HTM", "text/html; charset=utf-8"),
        ("a.zip", "application/zip"),
        (".well-known/apple-app-site-association", "application/json"),
    ],
)
def test_every_file_has_a_media_type(tmp_path, name, media_type):
    write(tmp_path, name)
    assert files(tmp_path)[name].media_type == media_type


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("/assets/a.css", True),
        ("../assets/a.css?v=1", True),
        ("see /assets/a.css.", True),
        ("https://example.com/assets/a.css", True),
        ("https://cdn.test/assets/a.css", False),
        ("//cdn.test:8080/assets/a.css", False),
        ("/en/assets/a.css", False),
        ("/assets/a.css.map", False),
        ("/assets/a.css2", False),
    ],
)
def test_only_references_to_assets_are_rewritten(tmp_path, text, renamed):
    write(tmp_path, "assets/a.css")
    write(tmp_path, "page.html", text)
    found = files(tmp_path, "assets/", host="example.com")
    key = next(each for each in found if each.startswith("assets/"))
    assert found["page.html"].text == (text.replace("assets/a.css", key) if renamed else None)


@pytest.mark.parametrize("form", ["größe 1.svg", "gr%C3%B6%C3%9Fe%201.svg"])
def test_a_reference_keeps_its_form(tmp_path, form):
    write(tmp_path, "assets/größe 1.svg")
    write(tmp_path, "page.html", f'<img src="/assets/{form}">')
    found = files(tmp_path, "assets/")
    digest = next(each for each in found if each.startswith("assets/")).split(".")[1]
    assert found["page.html"].text == (
        f'<img src="/assets/{form.removesuffix(".svg")}.{digest}.svg">'
    )


def test_links_inside_the_folder_are_followed(tmp_path):
    write(tmp_path, "en/index.html", "page")
    (tmp_path / "de").symlink_to("en")
    (tmp_path / "first.html").symlink_to(tmp_path / "en/index.html")
    assert set(files(tmp_path)) == {"en/index.html", "de/index.html", "first.html"}


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("../secret", "outside of the folder"),
        ("missing", "does not exist"),
        (".hidden", "hidden or ignored"),
        (".", "a folder around it"),
    ],
)
def test_other_links_are_refused_by_name(tmp_path, target, problem):
    write(tmp_path, "secret")
    write(tmp_path, "site/.hidden")
    (tmp_path / "site/link").symlink_to(target)
    with pytest.raises(ValueError, match=rf"site/link' is a symbolic link .*{problem}"):
        site_files(str(tmp_path / "site"))
