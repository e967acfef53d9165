"""Texts of the welcome mail. SES replaces `{{name}}`."""

from collections.abc import Mapping
from html import escape
from typing import Optional, TypedDict

from .._blocks.arguments import Problems, declare

_LINK = "{{unsubscribeUrl}}"


class MailTextArgs(TypedDict):
    """The mail in one language. Both bodies must contain `{{unsubscribeUrl}}`; all parts can
    contain `{{siteUrl}}`."""

    subject: str
    """Subject: `Welcome to MyBlog`."""
    text: str
    """Body as plain text."""
    html: str
    """Body as HTML."""


def _check(problems: Problems, path: str, args: MailTextArgs) -> None:
    problems.unless(args["subject"] != "", f"{path}.subject", "is empty")
    for key, body in (("text", args["text"]), ("html", args["html"])):
        problems.unless(_LINK in body, f"{path}.{key}", f"must contain {_LINK}")


declare(MailTextArgs, check=_check)


def check_texts(problems: Problems, texts: Optional[Mapping[str, MailTextArgs]]) -> None:
    """Check the `texts` argument of a component."""
    problems.unless(texts is None or bool(texts), "texts", "is empty; it must have one language")


def default_texts(title: str) -> dict[str, MailTextArgs]:
    """Return a short mail in English, the fallback for other languages, and in German."""
    return {
        "en": _mail(
            f"Welcome to {title}",
            f"Thank you for subscribing to {title}.",
            "Read it at",
            "You receive this mail because somebody entered your address there. If it was not you, "
            "or to receive no more mails, unsubscribe:",
            "en",
        ),
        "de": _mail(
            f"Willkommen bei {title}",
            f"Danke für das Abonnement von {title}.",
            "Zu lesen unter",
            "Sie erhalten diese Mail, weil jemand dort Ihre Adresse eingetragen hat. Wenn Sie das "
            "nicht waren oder keine Mails mehr erhalten möchten, melden Sie sich ab:",
            "de",
        ),
    }


def _mail(subject: str, thanks: str, read: str, why: str, language: str) -> MailTextArgs:
    text = f"{thanks}\n\n{read} {{{{siteUrl}}}}\n\n{why}\n{{{{unsubscribeUrl}}}}\n"
    html = (
        f'<!doctype html><html lang="{language}"><body><p>{escape(thanks)}</p>'
        f'<p>{read} <a href="{{{{siteUrl}}}}">{{{{siteUrl}}}}</a></p>'
        f'<p>{why} <a href="{{{{unsubscribeUrl}}}}">{{{{unsubscribeUrl}}}}</a></p></body></html>'
    )
    return {"subject": subject, "text": text, "html": html}
