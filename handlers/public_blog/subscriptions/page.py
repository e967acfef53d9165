"""The pages of the links in mails. They ask for a click, as mail scanners open links too."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _page(title: str, question: str, german: str, button: str, german_button: str) -> str:
    """Return a page without data of the request. The form is sent to the URL of the page."""
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>{title}</title>
<style>body{{font:1.1rem/1.5 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}}
button{{font:inherit;padding:.5rem 1rem}}</style></head>
<body><h1>{title}</h1>
<p>{question} <span lang="de">{german}</span></p>
<form method="post"><button>{button} / <span lang="de">{german_button}</span></button></form>
</body></html>
"""


SUBSCRIBE = _page(
    "Confirm your subscription",
    "Receive the mails of this blog?",
    "Die Mails dieses Blogs erhalten?",
    "Subscribe",
    "Abonnieren",
)
UNSUBSCRIBE = _page(
    "Unsubscribe",
    "No more mails from this blog?",
    "Keine Mails mehr von diesem Blog?",
    "Unsubscribe",
    "Abmelden",
)
