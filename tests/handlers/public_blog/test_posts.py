"""Posts, written by `tools.posts` and read by the API."""

import pytest

from tools.posts import PostError, read_posts, write_posts

POST = """---
title: {title}
summary: About {title}.
date: 2026-11-{day:02}
---
Text of *{title}*.
"""


@pytest.fixture
def posts(blog, tmp_path):
    for language in ("en", "de"):
        for day in range(1, 6):
            path = tmp_path / language / f"post-{day}.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text(POST.format(title=f"{language} {day}", day=day), encoding="utf-8")
    write_posts(blog.dynamodb, blog.table, read_posts(tmp_path))
    return tmp_path


def test_lists_have_one_language_and_pages_newest_first(blog, posts):
    slugs, query = [], {"limit": 2, "language": "de"}
    while True:
        page = blog.call("GET /posts", query=query)
        assert page.headers["Cache-Control"] == "public, max-age=60"
        assert {each["language"] for each in page.body["items"]} == {"de"}
        slugs += [each["slug"] for each in page.body["items"]]
        if "next" not in page.body:
            break
        query["next"] = page.body["next"]
    assert slugs == [f"post-{day}" for day in (5, 4, 3, 2, 1)]


def test_a_post_has_its_text_and_etag(blog, posts):
    answer = blog.call("GET /posts/{slug}", path={"slug": "post-3"})
    assert answer.body == {
        "slug": "post-3",
        "language": "en",
        "title": "en 3",
        "summary": "About en 3.",
        "publishedAt": "2026-11-03",
        "body": "Text of *en 3*.\n",
    }
    headers = {"If-None-Match": answer.headers["ETag"]}
    again = blog.call("GET /posts/{slug}", path={"slug": "post-3"}, headers=headers)
    assert (again.status, again.text) == (304, "")
    other = blog.call("GET /posts/{slug}", path={"slug": "post-2"}, headers=headers)
    assert other.status == 200


def test_writing_again_replaces_and_removes(blog, posts):
    (posts / "en" / "post-5.md").unlink()
    text = POST.format(title="moved", day=20)
    (posts / "en" / "post-1.md").write_text(text, encoding="utf-8")
    write_posts(blog.dynamodb, blog.table, read_posts(posts))
    listed = blog.call("GET /posts").body["items"]
    assert [each["slug"] for each in listed] == ["post-1", "post-4", "post-3", "post-2"]
    assert listed[0]["title"] == "moved"
    gone = blog.call("GET /posts/{slug}", path={"slug": "post-5"})
    assert gone.refused == (404, "slug")


@pytest.mark.parametrize(
    ("parts", "refused"),
    [
        ({"path": {"slug": "nothing"}}, (404, "slug")),
        ({"path": {"slug": "../subscriber"}}, (400, "slug")),
        ({"path": {"slug": "a#b"}}, (400, "slug")),
        ({"path": {"slug": "a" * 101}}, (400, "slug")),
        ({"path": {"slug": "x"}, "query": {"language": "fr"}}, (400, "language")),
    ],
)
def test_invalid_slugs_are_rejected(blog, parts, refused):
    assert blog.call("GET /posts/{slug}", **parts).refused == refused


def test_a_page_token_of_another_list_is_rejected(blog, posts):
    token = blog.call("GET /posts", query={"limit": 1}).body["next"]
    query = {"language": "de", "next": token}
    assert blog.call("GET /posts", query=query).refused == (400, "next")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("A B.md", POST.format(title="x", day=1), "its name"),
        ("x.md", "no head", "must start with"),
        ("x.md", "---\ntitle: x\ndate: 2026-11-01\n---\n", "summary"),
        ("x.md", POST.format(title="x", day=32), "date"),
    ],
)
def test_an_error_names_the_invalid_file(tmp_path, name, text, problem):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / name).write_text(text, encoding="utf-8")
    with pytest.raises(PostError, match=problem) as caught:
        read_posts(tmp_path)
    assert name in str(caught.value)
