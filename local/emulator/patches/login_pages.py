"""Managed login has sign-up pages, and a page at `/login`.

Stock 1.5.33 has only a sign-in page at /oauth2/authorize, so users cannot create an account.

AWS: "User pool endpoints and managed login reference" (/login takes what /oauth2/authorize takes,
/signup, /confirmUser; a user who confirms the address is signed in). The confirmation code is in
the mail, here at /_ministack/ses/messages.

ministack has fixed this when tests/emulator/test_login_pages.py passes with
`unpatched=("login_pages",)`.
"""

import html
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from ministack import app
from ministack.core.responses import get_account_id, request_scope
from ministack.services import cognito

from . import Server
from .token_endpoints import form_of

Form = dict[str, str]


def apply(server: Server) -> None:
    _serve_pages()
    cognito._login_page_html = _with_sign_up_link(cognito._login_page_html)
    cognito._username_page_html = _with_sign_up_link(cognito._username_page_html)


def _serve_pages() -> None:
    get, post = app._handle_cognito_get_request, app._handle_cognito_body_request

    async def handle_get(method: str, path: str, headers: Any, query: Any) -> Any:
        if (method, path) in (("GET", "/login"), ("GET", "/signup")):
            # All pages share the check of the client, the redirect URI and PKCE.
            answer = cognito.handle_oauth2_authorize(method, path, headers, query)
            if path == "/login" or answer[0] != 200:
                return answer
            return _sign_up_page({key: values[0] for key, values in query.items()})
        return await get(method, path, headers, query)

    async def handle_post(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        step = {"/signup": _sign_up, "/confirmUser": _confirm}.get(path)
        if method != "POST" or not step:
            return await post(method, path, headers, body, query)
        form = form_of(body)
        pool_id = cognito._find_pool_by_client_id(form.get("client_id", ""))[0]
        if not pool_id:
            return cognito._oauth2_error("invalid_client", "There is no such client.")
        with request_scope(get_account_id(), cognito._pool_region(pool_id)):
            return step(pool_id, form)

    app._handle_cognito_get_request = handle_get
    app._handle_cognito_body_request = handle_post


def _sign_up(_pool: str, form: Form) -> Any:
    email = form.get("username", "")
    refused = _call(
        cognito._sign_up,
        Username=email,
        Password=form.get("password", ""),
        ClientId=form["client_id"],
        UserAttributes=[{"Name": "email", "Value": email}],
    )
    return _sign_up_page(form, refused) if refused else _confirm_page(form)


def _confirm(pool_id: str, form: Form) -> Any:
    given = {"ClientId": form["client_id"], "Username": form.get("username", "")}
    given["ConfirmationCode"] = form.get("code", "")
    checked = cognito._confirmation_code_error("ConfirmSignUp", given)
    refused = _message(checked) if checked else _call(cognito._confirm_sign_up, **given)
    if refused:
        return _confirm_page(form, refused)
    user = cognito._resolve_user(cognito._get_pool_unscoped(pool_id), given["Username"])[0]
    wanted = cognito._extract_oauth_form_params(form)
    del wanted["response_type"]
    return cognito._issue_auth_code_redirect(pool_id=pool_id, username=user["Username"], **wanted)


def _call(operation: Callable[..., Any], **data: Any) -> str:
    """Return Cognito's error message, or "" if it succeeds."""
    answer = operation(data)
    return "" if answer[0] == 200 else _message(answer)


def _message(answer: Any) -> str:
    return str(json.loads(answer[2]).get("message", "Something went wrong."))


def _sign_up_page(form: Form, error: str = "") -> Any:
    fields = """
        <label for="username">Email</label>
        <input type="text" id="username" name="username" autocomplete="username" required autofocus>
        <label for="password">Password</label>
        <input type="password" id="password" name="password" autocomplete="new-password" required>
    """
    return _page("Sign up", "/signup", fields, form, error)


def _confirm_page(form: Form, error: str = "") -> Any:
    username = html.escape(form.get("username", ""))
    fields = f"""
        <input type="hidden" name="username" value="{username}">
        <label for="code">Code from the mail to {username}</label>
        <input type="text" id="code" name="code" autocomplete="one-time-code" required autofocus>
    """
    return _page("Confirm your account", "/confirmUser", fields, form, error)


def _page(title: str, action: str, fields: str, form: Form, error: str) -> Any:
    parameters = cognito._extract_oauth_form_params(form).items()
    hidden = "".join(
        f'<input type="hidden" name="{key}" value="{html.escape(value)}">'
        for key, value in parameters
    )
    message = f'<div class="error">{html.escape(error)}</div>' if error else ""
    body = f"""{message}
        <form method="POST" action="{action}">{hidden}{fields}
        <button type="submit">{title}</button></form>
    """
    page = cognito._page_shell(title, title, body).encode()
    return 200, {"Content-Type": "text/html; charset=utf-8"}, page


def _with_sign_up_link(stock: Callable[..., str]) -> Callable[..., str]:
    names = (
        *("client_id", "redirect_uri", "scope", "state", "response_type"),
        *("code_challenge", "code_challenge_method", "nonce"),
    )

    def page(*values: str, **more: str) -> str:
        made = stock(*values, **more)
        pool = cognito._find_pool_by_client_id(values[0])[1] or {}
        if (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
            return made
        given = {**dict(zip(names, values, strict=False)), **more}
        given.pop("error_message", None)
        link = (
            f'<a id="sign-up" href="/signup?{html.escape(urlencode(given))}">Create an account</a>'
        )
        return made.replace("</form>", f"</form>\n{link}", 1)

    return page
