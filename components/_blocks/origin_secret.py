"""The secret header with which a distribution proves to an origin that a request came through it.

Source: "Restricting access to files on custom origins" in the CloudFront developer guide.
"""

from typing import Any

import pulumi

from .arguments import ArgumentsError, Problems

HEADER = "x-origin-secret"
_MIN, _MAX = 32, 128
_FORM = f"must have {_MIN} to {_MAX} ASCII characters without spaces: `openssl rand -hex 32`"


def check_origin_secret(problems: Problems, path: str, value: pulumi.Input[str]) -> None:
    """Check a secret that is known at preview. No error shows its value."""
    problems.unless(not isinstance(value, str) or _fits(value), path, _FORM)


def origin_secret(subject: str, path: str, value: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return a checked secret, which Pulumi encrypts in the state and hides in previews.

    Args:
        subject: component and name, for the error: `StaticSite 'blog'`.
        path: name of the argument.
        value: the secret.
    """

    def checked(known: Any) -> str:
        if not _fits(known):
            raise ArgumentsError(subject, [(path, _FORM)])
        return str(known)

    return pulumi.Output.secret(value).apply(checked)


def _fits(value: str) -> bool:
    return _MIN <= len(value) <= _MAX and all("!" <= each <= "~" for each in value)
