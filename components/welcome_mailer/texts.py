"""Texts of the welcome mail and the confirmation mail. SES replaces `{{name}}`."""

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


def confirmation_texts(title: str) -> dict[str, MailTextArgs]:
    """Return the mail that asks to confirm a subscription, in English and German."""
    return {
        "en": _confirmation(
            f"Please confirm your subscription to {title}",
            "Somebody entered your address at",
            "If it was you, open this link within a day and press the button. If not, do nothing: "
            "you will receive no mails.",
            "en",
        ),
        "de": _confirmation(
            f"Bitte bestätigen Sie das Abonnement von {title}",
            "Jemand hat Ihre Adresse eingetragen bei",
            "Wenn Sie das waren, öffnen Sie innerhalb eines Tages diesen Link und drücken Sie den "
            "Knopf. Wenn nicht, tun Sie nichts: Sie erhalten keine Mails.",
            "de",
        ),
    }


def _confirmation(subject: str, who: str, what: str, language: str) -> MailTextArgs:
    text = f"{who} {{{{siteUrl}}}}.\n\n{what}\n{{{{confirmUrl}}}}\n"
    html = (
        f'<!doctype html><html lang="{language}"><body>'
        f'<p>{who} <a href="{{{{siteUrl}}}}">{{{{siteUrl}}}}</a>.</p>'
        f'<p>{what}</p><p><a href="{{{{confirmUrl}}}}">{{{{confirmUrl}}}}</a></p></body></html>'
    )
    return {"subject": subject, "text": text, "html": html}


def _mail(subject: str, thanks: str, read: str, why: str, language: str) -> MailTextArgs:
    text = f"{thanks}\n\n{read} {{{{siteUrl}}}}\n\n{why}\n{{{{unsubscribeUrl}}}}\n"
    html = (
        f'<!doctype html><html lang="{language}"><body><p>{escape(thanks)}</p>'
        f'<p>{read} <a href="{{{{siteUrl}}}}">{{{{siteUrl}}}}</a></p>'
        f'<p>{why} <a href="{{{{unsubscribeUrl}}}}">{{{{unsubscribeUrl}}}}</a></p></body></html>'
    )
    return {"subject": subject, "text": text, "html": html}
