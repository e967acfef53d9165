"""Credentials of the role of a task or an instance, which nobody can calculate."""

import secrets
import time
from dataclasses import dataclass

from ministack.services import sts

HOURS = 6
"""As ECS: "Amazon ECS task IAM role"."""


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of a role."""

    role: str
    """The role's ARN."""
    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: float
    """Seconds since 1970."""

    def renewed(self, session: str) -> "Credentials":
        """Return credentials that last for at least half an hour."""
        return self if self.expiration - time.time() > 1800 else assume(self.role, session)

    def document(self) -> dict[str, str]:
        """Return the answer of a credentials endpoint."""
        return {
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            "Token": self.session_token,
            "RoleArn": self.role,
            "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.expiration)),
        }


def assume(role: str, session: str, hours: int = HOURS) -> Credentials:
    """Return credentials of a role for a session, such as the ID of a task."""
    account, name = role.split(":")[4], role.rpartition("/")[2]
    made = Credentials(
        role=role,
        access_key_id=f"ASIA{secrets.token_hex(8).upper()}",
        secret_access_key=secrets.token_urlsafe(30),
        session_token=secrets.token_urlsafe(48),
        expiration=time.time() + hours * 3600,
    )
    sts.register_session(
        made.access_key_id,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
            "UserId": f"{sts._role_id(role)}:{session}",
            "SecretAccessKey": made.secret_access_key,
            "SessionToken": made.session_token,
            "Expiration": made.expiration,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
        },
    )
    return made
