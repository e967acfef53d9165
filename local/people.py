"""Users of an API: sign-up, sign-in by SRP, and AWS credentials of their own."""

import base64
import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from local.emulator.clients import Clients
from local.errors import LocalError


@dataclass(frozen=True)
class Place:
    """Where users sign up, and the API that they call."""

    endpoint: str
    url: str
    user_pool_id: str
    client_id: str
    identity_pool_id: str

    @classmethod
    def of(cls, endpoint: str, outputs: Mapping[str, str]) -> "Place":
        """Reads the place from a system's outputs."""
        return cls(
            endpoint,
            outputs["apiUrl"],
            outputs["userPoolId"],
            outputs["userPoolClientId"],
            outputs.get("identityPoolId", ""),
        )

    @property
    def region(self) -> str:
        """Region of the user pool."""
        return self.user_pool_id.split("_")[0]

    @property
    def provider(self) -> str:
        """The provider name of the user pool for the identity pool."""
        return f"cognito-idp.{self.region}.amazonaws.com/{self.user_pool_id}"


class Person:
    """A user who is signed in, after a sign-up if the user is new.

    Raises:
        LocalError: the password is wrong, or is not accepted for a new user.
    """

    def __init__(self, place: Place, email: str, password: str) -> None:
        self.place = place
        self._clients = Clients(place.endpoint)
        try:
            self._sign_up(email, password)
            self.tokens = self._sign_in(email, password)
        except ClientError as error:
            raise LocalError(f"{email}: {error.response['Error']['Message']}") from None

    @property
    def access_token(self) -> str:
        """The token for the API: `Authorization: Bearer <token>`."""
        return self.tokens["AccessToken"]

    @property
    def sub(self) -> str:
        """The user's ID in the pool, which is the name of the user's folder."""
        payload = self.access_token.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])

    @cached_property
    def credentials(self) -> dict[str, str]:
        """The user's temporary AWS credentials, as keyword arguments of a boto3 client."""
        identity = self._client("cognito-identity")
        logins = {self.place.provider: self.tokens["IdToken"]}
        pool = self.place.identity_pool_id
        id_ = identity.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
        given = identity.get_credentials_for_identity(IdentityId=id_, Logins=logins)["Credentials"]
        return {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretKey"],
            "aws_session_token": given["SessionToken"],
        }

    def _sign_up(self, email: str, password: str) -> None:
        idp, client_id = self._client("cognito-idp"), self.place.client_id
        attributes = [{"Name": "email", "Value": email}]
        try:
            idp.sign_up(
                ClientId=client_id, Username=email, Password=password, UserAttributes=attributes
            )
        except idp.exceptions.UsernameExistsException:
            return
        code = self._mailed_code(email)
        idp.confirm_sign_up(ClientId=client_id, Username=email, ConfirmationCode=code)

    def _mailed_code(self, email: str) -> str:
        """Returns the confirmation code of the last mail to the user."""
        with urllib.request.urlopen(f"{self.place.endpoint}/_ministack/ses/messages") as answer:
            mails = json.load(answer)["messages"]
        texts = [
            mail["BodyText"] for each in mails.values() for mail in each if email in mail["To"]
        ]
        return str(texts[-1]).rstrip(".").split()[-1]

    def _sign_in(self, email: str, password: str) -> dict[str, str]:
        from pycognito.aws_srp import AWSSRP  # slow to import, and only needed here

        srp = AWSSRP(
            username=email,
            password=password,
            pool_id=self.place.user_pool_id,
            client_id=self.place.client_id,
            client=self._client("cognito-idp"),
        )
        return dict(srp.authenticate_user()["AuthenticationResult"])

    def _client(self, service: str) -> Any:
        return self._clients.get(service, self.place.region, {})
