"""The page of the unsubscribe link. It asks for confirmation, as mail scanners open links too."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# The page contains no data of the request. The form is sent to the URL of the page.
ASK = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>Unsubscribe</title>
<style>body{font:1.1rem/1.5 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}
button{font:inherit;padding:.5rem 1rem}</style></head>
<body><h1>Unsubscribe</h1>
<p>No more mails from this blog? <span lang="de">Keine Mails mehr von diesem Blog?</span></p>
<form method="post"><button>Unsubscribe / <span lang="de">Abmelden</span></button></form>
</body></html>
"""
