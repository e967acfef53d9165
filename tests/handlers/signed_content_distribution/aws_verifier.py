"""Verifies signed URLs and cookies according to the documentation of AWS.

Based only on "Create a signed URL using a canned policy", "... using a custom policy" and "Set
signed cookies using a custom policy" of the Amazon CloudFront Developer Guide. Shares no
code with the library that signs, nor with local mode. Signatures are checked by the `openssl`
command, which AWS's examples use for signing.
"""

import base64
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Verified:
    """A link with a valid signature."""

    url: str
    """The URL without the parameters of the signature."""
    policy: dict[str, Any]
    key_id: str

    @property
    def resource(self) -> str:
        return self.policy["Statement"][0]["Resource"]

    @property
    def condition(self) -> dict[str, Any]:
        return self.policy["Statement"][0]["Condition"]


def verify_url(url: str, public_pem: str) -> Verified:
    """Parse a signed URL and assert that its signature is valid."""
    base, _, query = url.partition("?")
    own, added = [], {}
    for parameter in query.split("&"):
        name, _, value = parameter.partition("=")
        if name in ("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"):
            assert name not in added, f"{name} twice"
            added[name] = value
        else:
            own.append(parameter)
    unsigned = base + ("?" + "&".join(own) if own else "")
    if "Policy" in added:
        assert "Expires" not in added
        text = undo(added["Policy"])
    else:
        # The canned policy, exactly as in the guide, without white space.
        text = (
            '{"Statement":[{"Resource":"BASE","Condition":'
            '{"DateLessThan":{"AWS:EpochTime":WHEN}}}]}'
        )
        text = text.replace("BASE", unsigned).replace("WHEN", added["Expires"]).encode()
    openssl(text, undo(added["Signature"]), public_pem, added.get("Hash-Algorithm", "SHA1"))
    assert urlsplit(unsigned).scheme in ("http", "https")
    return Verified(unsigned, json.loads(text), added["Key-Pair-Id"])


def verify_cookies(cookies: dict[str, str], public_pem: str) -> Verified:
    """Parse cookies with a custom policy and assert that their signature is valid."""
    text = undo(cookies["CloudFront-Policy"])
    algorithm = cookies.get("CloudFront-Hash-Algorithm", "SHA1")
    openssl(text, undo(cookies["CloudFront-Signature"]), public_pem, algorithm)
    return Verified("", json.loads(text), cookies["CloudFront-Key-Pair-Id"])


def undo(text: str) -> bytes:
    """Decode the replacements of the guide: + is -, = is _, / is ~."""
    assert not set(text) & set("+=/")
    return base64.b64decode(text.replace("-", "+").replace("_", "=").replace("~", "/"))


def openssl(message: bytes, signature: bytes, public_pem: str, algorithm: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        key, signed = Path(folder, "key.pem"), Path(folder, "signature")
        key.write_text(public_pem)
        signed.write_bytes(signature)
        done = subprocess.run(
            ["openssl", "dgst", f"-{algorithm.lower()}", "-verify", key, "-signature", signed],
            input=message,
            capture_output=True,
            check=False,
        )
    assert done.stdout.strip() == b"Verified OK", done.stdout + done.stderr
