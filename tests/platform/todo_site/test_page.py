"""The web client of the to-do API in a real browser against the emulator.

`SCREENSHOT=1` also writes docs/todo.png.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, expect

from .window import PASSWORD, Window

ROOT = Path(__file__).resolve().parents[3]


def test_from_a_new_account_to_signing_out(window, tmp_path):
    sign_up(window, "ada@example.com")
    keep_todos(window)
    keep_a_file(window, write(tmp_path / "ünï & code.txt", b"all of it"))
    sign_out(window)
    assert window.complaints == []


def sign_up(window: Window, email: str) -> None:
    page = window.open().page
    assert window.fits()
    window.button("Create an account").click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    window.button("Sign up").click()
    page.get_by_label("Code from the mail").fill(window.site.code_for(email))
    window.button("Confirm your account").click()
    window.arrived()
    assert page.url == f"{window.site.url}/"  # without code or state
    expect(page.locator("#user")).to_have_text(email)
    expect(page.locator("#todos-none")).to_be_visible()


def keep_todos(window: Window) -> None:
    markup = "<img src=x onerror=alert(1)>" + "W" * 100
    window.add(markup)
    window.says(f"Added: {markup}")
    window.add("Buy tea", "2027-01-31T18:00")
    window.says("Added: Buy tea")
    assert window.titles() == ["Buy tea", markup] and window.fits()
    window.todo("Buy tea").click()
    window.says("Saved: Buy tea")
    window.due("Buy tea").fill("2027-02-01T09:30")
    window.button("Save the due date of Buy tea").click()
    expect(window.button("Save the due date of Buy tea")).to_be_hidden()
    [tea] = [each for each in window.call("GET", "/todos")["items"] if each["title"] == "Buy tea"]
    assert tea["done"] is True and tea["dueAt"] == "2027-02-01T08:30:00.000Z"

    window.page.reload()
    window.arrived()
    expect(window.todo("Buy tea")).to_be_checked()
    expect(window.due("Buy tea")).to_have_value("2027-02-01T09:30")
    window.button(f"Delete {markup}").click()
    window.says(f"Deleted: {markup}")
    assert window.titles() == ["Buy tea"]


def keep_a_file(window: Window, file: Path) -> None:
    window.drop(file)
    link = window.page.get_by_role("link", name=file.name)
    expect(link).to_be_visible()
    with window.page.expect_download() as download:
        link.click()
    assert Path(download.value.path()).read_bytes() == file.read_bytes()
    assert download.value.suggested_filename == file.name
    assert window.fits()
    window.page.once("dialog", lambda dialog: dialog.accept())
    window.button(f"Delete {file.name}").click()
    window.says(f"Deleted: {file.name}")
    assert window.call("GET", "/files")["items"] == []


def sign_out(window: Window) -> None:
    token = {"grant_type": "refresh_token", "refresh_token": window.tokens()["refresh"]}
    assert window.site.token_endpoint(**token) == 200
    window.button("Sign out").click()
    expect(window.button("Sign in")).to_be_visible()
    assert window.site.token_endpoint(**token) == 400
    assert window.page.evaluate("sessionStorage.length") == 0
    window.page.go_back()
    expect(window.button("Sign in")).to_be_visible()
    expect(window.page.get_by_text("Buy tea")).to_have_count(0)


def test_the_keyboard_is_sufficient(signed_in):
    page, press = signed_in.page, signed_in.page.keyboard.press
    page.get_by_label("New to-do").focus()
    page.keyboard.type("Water the plants")
    press("Enter")
    signed_in.says("Added: Water the plants")
    todo = signed_in.todo("Water the plants")
    for _ in range(20):
        press("Tab")
        if todo.evaluate("each => each === document.activeElement"):
            break
    press("Space")
    signed_in.says("Saved: Water the plants")
    expect(todo).to_be_checked()
    delete = signed_in.button("Delete Water the plants")
    for _ in range(20):
        press("Tab")
        if delete.evaluate("each => each === document.activeElement"):
            break
    press("Enter")
    signed_in.says("Deleted: Water the plants")
    expect(page.get_by_role("heading", name="To do", exact=True)).to_be_focused()
    assert signed_in.complaints == []


def test_every_control_has_a_name(signed_in, tmp_path):
    signed_in.add("Read", "2027-01-31T18:00")
    signed_in.says("Added: Read")
    signed_in.due("Read").fill("2027-02-01T09:30")
    signed_in.page.set_input_files("#file", write(tmp_path / "notes.txt"))
    expect(signed_in.page.get_by_role("link", name="notes.txt")).to_be_visible()
    devtools = signed_in.page.context.new_cdp_session(signed_in.page)
    tree = devtools.send("Accessibility.getFullAXTree")["nodes"]
    roles = ("button", "checkbox", "combobox", "DateTime", "link", "list", "textbox", "heading")
    named: dict[str, list[str]] = {}
    for node in tree:
        if not node.get("ignored") and node["role"]["value"] in roles:
            named.setdefault(node["role"]["value"], []).append(node["name"]["value"])
    assert set(named) >= {"button", "checkbox", "combobox", "link", "list", "textbox", "heading"}
    assert all(name for names in named.values() for name in names), named
    assert signed_in.page.title() and signed_in.page.locator("html").get_attribute("lang") == "en"


def test_long_lists_have_pages(signed_in):
    for number in range(22):
        todo = {"title": f"Number {number}", "dueAt": f"2027-01-{number + 1:02}T08:00:00Z"}
        signed_in.call("POST", "/todos", todo, **{"Idempotency-Key": f"{number}"})
    page = signed_in.page
    page.get_by_label("Show").select_option(value="open")
    expect(signed_in.todo("Number 19")).to_be_visible()
    assert signed_in.titles() == [f"Number {number}" for number in range(20)]
    signed_in.add("Last", "2027-03-01T08:00")  # shown immediately, and also on the next page
    signed_in.says("Added: Last")
    signed_in.button("More to-dos").click()
    expect(signed_in.todo("Number 20")).to_be_focused()
    assert signed_in.titles() == ["Last", *(f"Number {number}" for number in range(22))]
    expect(signed_in.button("More to-dos")).to_be_hidden()
    page.get_by_label("Show").select_option(value="all")
    signed_in.button("More to-dos").click()
    expect(page.locator("#todos li")).to_have_count(23)
    assert len(set(signed_in.titles())) == 23
    assert signed_in.complaints == []


def test_a_change_from_elsewhere_is_shown_and_not_overwritten(signed_in):
    signed_in.add("Buy tea")
    signed_in.says("Added: Buy tea")
    [todo] = signed_in.call("GET", "/todos")["items"]
    changed = {"title": "Buy coffee", "done": False, "version": todo["version"]}
    signed_in.call("PUT", f"/todos/{todo['todoId']}", changed)
    signed_in.todo("Buy tea").click()
    signed_in.warns("This to-do was changed elsewhere. The list now shows the current version.")
    expect(signed_in.todo("Buy coffee")).not_to_be_checked()
    signed_in.todo("Buy coffee").click()
    signed_in.says("Saved: Buy coffee")
    assert signed_in.call("GET", f"/todos/{todo['todoId']}")["done"] is True


def test_rapid_ticks_are_saved_in_order(signed_in):
    signed_in.add("Thrice")
    signed_in.says("Added: Thrice")
    with signed_in.page.expect_response(lambda each: each.json().get("version") == 4):
        signed_in.todo("Thrice").evaluate("box => { box.click(); box.click(); box.click(); }")
    expect(signed_in.todo("Thrice")).to_be_checked()
    expect(signed_in.page.get_by_role("alert")).to_be_empty()
    assert signed_in.complaints == []


def test_after_a_failure_the_same_to_do_is_created_once(signed_in):
    answers = iter(["abort after", "continue"])

    def lose_the_answer(route):
        if route.request.method == "POST" and next(answers) == "abort after":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    signed_in.page.route("**/todos", lose_the_answer)
    signed_in.add("Once")
    signed_in.warns("The service cannot be reached. Check your connection and try again.")
    expect(signed_in.page.get_by_label("New to-do")).to_have_value("Once")
    signed_in.button("Add").click()
    signed_in.says("Added: Once")
    assert [each["title"] for each in signed_in.call("GET", "/todos")["items"]] == ["Once"]


def test_a_file_is_replaced_only_after_confirmation(signed_in, tmp_path):
    page = signed_in.page
    file = write(tmp_path / "notes.txt", b"first")
    page.set_input_files("#file", file)
    expect(page.get_by_role("link", name="notes.txt")).to_be_visible()
    expect(page.locator("#files .size")).to_have_text("5 bytes")
    write(file, b"second")
    for agree, size in ((False, 5), (True, 6)):
        page.once(
            "dialog", lambda dialog, agree=agree: dialog.accept() if agree else dialog.dismiss()
        )
        page.set_input_files("#file", file)
        expect(page.locator("#files .size")).to_have_text(f"{size} bytes")
        assert signed_in.call("GET", "/files")["items"][0]["size"] == size
    assert signed_in.complaints == []


def test_the_same_file_can_be_chosen_during_its_upload(signed_in, tmp_path):
    held = []
    signed_in.page.route("**/*", lambda route: held.append(route), times=1)
    signed_in.page.set_input_files("#file", write(tmp_path / "notes.txt"))
    signed_in.says("Uploading notes.txt …")
    expect(signed_in.page.locator("#file")).to_have_value("")
    held[0].continue_()
    expect(signed_in.page.get_by_role("link", name="notes.txt")).to_be_visible()


def test_a_rejected_file_has_a_message(signed_in, tmp_path):
    signed_in.page.set_input_files("#file", write(tmp_path / "100%41.txt"))
    expect(signed_in.page.get_by_role("alert")).to_contain_text("Name ")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    signed_in.page.set_input_files("#file", tmp_path / "large")
    expect(signed_in.page.get_by_role("alert")).to_contain_text("Size ")
    expect(signed_in.page.locator("#files-none")).to_be_visible()


def test_markup_and_scripts_in_content_have_no_effect(window, site):
    page = window.open().page
    with pytest.raises(Error, match="TrustedHTML"):
        page.evaluate("document.body.innerHTML = '<b>x</b>'")
    page.evaluate(
        "const inline = document.createElement('style');"
        "inline.textContent = 'body { display: none }'; document.head.append(inline)"
    )
    expect(window.button("Sign in")).to_be_visible()
    page.evaluate(
        "const far = document.createElement('img'); far.src = 'https://example.com/x.png';"
        "document.body.append(far)"
    )
    assert any("Content Security Policy" in each for each in window.complaints)


def test_missing_settings_have_a_message(window):
    answers: dict[str, Callable[[Any], Any]] = {
        "404": lambda route: route.fulfill(status=404, body="nothing"),
        "down": lambda route: route.abort(),
    }
    for answer in answers.values():
        window.page.route("**/config.json", answer)
        window.open().warns("The settings of this page (config.json) cannot be read.")


if os.environ.get("SCREENSHOT"):

    def test_screenshot(signed_in, tmp_path):
        for title, due in (
            ("Post the letter", ""),
            ("Call the plumber", "2027-02-03T17:00"),
            ("Buy tea", "2027-02-01T09:30"),
        ):
            signed_in.add(title, due)
            signed_in.says(f"Added: {title}")
        signed_in.todo("Post the letter").click()
        signed_in.page.set_input_files("#file", write(tmp_path / "letter.pdf", b"x" * 48_300))
        expect(signed_in.page.get_by_role("link", name="letter.pdf")).to_be_visible()
        signed_in.page.set_viewport_size({"width": 760, "height": 700})
        signed_in.page.evaluate("scrollTo(0, 0)")
        signed_in.page.screenshot(path=ROOT / "docs" / "todo.png")


def write(file: Path, content: bytes = b"content") -> Path:
    file.write_bytes(content)
    return file
