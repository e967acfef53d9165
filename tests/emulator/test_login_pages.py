"""Sign-up and sign-in on the pages of managed login, without scripts in the browser."""

import re
from urllib.parse import urlencode

from tests.emulator.gateway import PASSWORD, Users, call, claims, hidden, send_form

EMAIL = "new@example.com"


def code_in_mail(cloud):
    found = call(cloud.emulator.mails).json["messages"]
    [mail] = [each for mails in found.values() for each in mails if EMAIL in each["To"]]
    return re.search(r"\d{6}", mail["BodyText"])[0]


def test_sign_up_confirm_and_return_signed_in(cloud):
    users = Users(cloud)
    login = call(f"{users.endpoint}/login?{urlencode(users.request())}")
    link = re.search(r'href="(/signup[^"]+)"', login.text)[1].replace("&amp;", "&")
    page = call(users.endpoint + link)
    assert page.status == 200
    page = sign_up(users, page)
    wrong = send_form(f"{users.endpoint}/confirmUser", **hidden(page), code="000000")
    assert "Invalid verification code" in wrong.text
    done = send_form(f"{users.endpoint}/confirmUser", **hidden(page), code=code_in_mail(cloud))
    tokens = users.exchange(done).json
    assert claims(tokens["id_token"])["email"] == EMAIL
    assert users.authorize(email=EMAIL)["access_token"]


def sign_up(users, page, password=PASSWORD):
    fields = {**hidden(page), "username": EMAIL, "password": password}
    return send_form(f"{users.endpoint}/signup", **fields)


def test_errors_are_shown_on_the_page(cloud):
    users = Users(cloud)
    page = call(f"{users.endpoint}/signup?{urlencode(users.request())}")
    assert "Password" in sign_up(users, page, "short").text
    sign_up(users, page)
    assert "User already exists" in sign_up(users, page).text


def test_pages_check_the_redirect_uri(cloud):
    users = Users(cloud)
    for page in ("login", "signup"):
        elsewhere = {**users.request(), "redirect_uri": "http://evil.example"}
        assert call(f"{users.endpoint}/{page}?{urlencode(elsewhere)}").status == 400


def test_there_is_no_sign_up_link_if_only_administrators_create_users(cloud):
    users = Users(cloud)
    users.idp.update_user_pool(
        UserPoolId=users.pool, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True}
    )
    assert "/signup" not in call(f"{users.endpoint}/login?{urlencode(users.request())}").text


def test_stock_has_no_such_pages(stock):
    users = Users(stock)
    for page in ("login", "signup"):
        answer = call(f"{users.endpoint}/{page}?{urlencode(users.request())}")
        assert "<form" not in answer.text
