"""Sign-in to the to-do page: responses of managed login, and the duration of a session."""

import re

import pytest
from playwright.sync_api import expect


def test_a_wrong_password_stays_on_the_login_page(window, site):
    email = site.add_user("wrong@example.com")
    window.open().sign_in(email, "Wrong-horse-11")
    expect(window.page.get_by_text("Incorrect username or password.")).to_be_visible()
    assert window.page.url.startswith(site.cloud.endpoint)


def test_users_who_share_a_browser_see_only_their_own_data(signed_in, site):
    signed_in.add("Mine")
    signed_in.says("Added: Mine")
    signed_in.button("Sign out").click()
    signed_in.sign_in(site.add_user("next@example.com")).arrived()
    expect(signed_in.page.locator("#user")).to_have_text("next@example.com")
    expect(signed_in.page.locator("#todos-none")).to_be_visible()
    assert signed_in.complaints == []


@pytest.mark.parametrize(
    "answer", ["code=stolen&state=guessed", "code=stolen", "error=denied&state="]
)
def test_a_response_without_a_sign_in_request_is_refused(window, site, answer):
    asked = []
    window.page.on("request", lambda request: asked.append(request.url))
    window.page.goto(f"{site.url}/?{answer}")
    window.warns("This sign-in was not started on this page. Please sign in again.")
    expect(window.button("Sign in")).to_be_visible()
    assert not any("/oauth2/" in url for url in asked)
    assert window.page.url == f"{site.url}/"


@pytest.mark.parametrize(
    ("changed", "warning"),
    [
        ("state", "This sign-in was not started on this page. Please sign in again."),
        ("nonce", "The response belongs to another sign-in. Please sign in again."),
        ("code_challenge", "You are signed out. Please sign in again."),
    ],
)
def test_a_response_must_match_its_request(window, site, changed, warning):
    email = site.add_user(f"{changed.replace('_', '-')}@example.com")
    another = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # of RFC 7636, appendix B

    def exchange(route):
        route.continue_(
            url=re.sub(rf"\b{changed}=[^&]+", f"{changed}={another}", route.request.url)
        )

    window.page.route("**/oauth2/authorize?*", exchange)
    window.open().sign_in(email)
    window.warns(warning)
    expect(window.button("Sign in")).to_be_visible()
    assert window.page.evaluate("sessionStorage.length") == 0


def test_an_expired_token_is_renewed_once_and_rotates(signed_in, site):
    before, asked = signed_in.tokens(), []
    signed_in.set_tokens(expires=0)
    signed_in.page.on("request", lambda request: asked.append(request.url))
    signed_in.page.reload()
    signed_in.arrived()
    after = signed_in.tokens()
    assert after["access"] != before["access"] and after["refresh"] != before["refresh"]
    assert after["expires"] > before["expires"] - 60_000 and after["email"] == before["email"]
    assert sum("/oauth2/token" in url for url in asked) == 1  # for both lists
    assert signed_in.complaints == []


def test_a_token_that_the_api_rejects_is_renewed(signed_in):
    signed_in.set_tokens(access="forged")
    signed_in.add("Still here")
    signed_in.says("Added: Still here")


def test_an_expired_session_has_a_message(signed_in):
    signed_in.set_tokens(expires=0, refresh="revoked")
    signed_in.add("Too late")
    signed_in.warns("You are signed out. Please sign in again.")
    expect(signed_in.button("Sign in")).to_be_visible()
    expect(signed_in.page.locator("#signed-in")).to_be_hidden()


def test_the_other_name_of_this_machine_redirects_to_the_right_one(window, site):
    window.page.goto(site.url.replace("localhost", "127.0.0.1"))
    expect(window.button("Sign in")).to_be_visible()
    assert window.page.url == f"{site.url}/"
