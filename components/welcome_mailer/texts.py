"""Texts of the welcome mail. `{{name}}` is filled in by SES."""

from html import escape
from typing import TypedDict


class MailTextArgs(TypedDict):
    """One mail. It may use `{{siteUrl}}`, and must hold `{{unsubscribeUrl}}` in both forms."""

    subject: str
    """Its subject."""
    text: str
    """Its plain form."""
    html: str
    """Its HTML form."""


def default_texts(title: str) -> dict[str, MailTextArgs]:
    """A short mail in English and German; English stands in for other languages."""
    return {
        "en": _mail(
            f"Welcome to {title}",
            f"Thank you for subscribing to {title}.",
            "Read it at",
            "You get this mail because somebody entered your address there. Not you, or no more "
            "mails? Unsubscribe:",
            "en",
        ),
        "de": _mail(
            f"Willkommen bei {title}",
            f"Danke für das Abonnement von {title}.",
            "Zu lesen unter",
            "Diese Mail kommt, weil jemand dort Ihre Adresse eingetragen hat. Nicht Sie, oder "
            "keine Mails mehr? Abmelden:",
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
