"""Users of an API: sign-up, sign-in by SRP, and AWS credentials of their own."""

import base64
import json
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from local.emulator.clients import Clients
from local.errors import LocalError


@dataclass(frozen=True)
class Place:
    """Where users sign up, and the API that they call.

    `mails` is the address of the mails that the embedded cloud has sent; not used on AWS.
    """

    endpoint: str
    url: str
    user_pool_id: str
    client_id: str
    identity_pool_id: str
    mails: str = ""

    @classmethod
    def of(cls, endpoint: str, outputs: Mapping[str, str], mails: str = "") -> "Place":
        """Reads the place from a system's outputs."""
        return cls(
            endpoint,
            outputs["apiUrl"],
            outputs["userPoolId"],
            outputs["userPoolClientId"],
            outputs.get("identityPoolId", ""),
            mails,
        )

    @property
    def region(self) -> str:
        """Region of the user pool."""
        return self.user_pool_id.split("_")[0]

    @property
    def provider(self) -> str:
        """The provider name of the user pool for the identity pool."""
        return f"cognito-idp.{self.region}.amazonaws.com/{self.user_pool_id}"


class User:
    """A user who is signed in by SRP.

    Args:
        place: where the user signs in.
        email: the user name.
        password: the password.
        client: returns an AWS client of a service.

    Raises:
        ClientError: the user does not exist, or the password is wrong.
    """

    def __init__(
        self, place: Place, email: str, password: str, client: Callable[[str], Any]
    ) -> None:
        self.place = place
        self._client = client
        self.tokens = self._sign_in(email, password)

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
    def identity_id(self) -> str:
        """The user's ID in the identity pool."""
        answer = self._client("cognito-identity").get_id(
            IdentityPoolId=self.place.identity_pool_id, Logins=self._logins
        )
        return str(answer["IdentityId"])

    @cached_property
    def credentials(self) -> dict[str, str]:
        """The user's temporary AWS credentials, as keyword arguments of a boto3 client."""
        given = self._client("cognito-identity").get_credentials_for_identity(
            IdentityId=self.identity_id, Logins=self._logins
        )["Credentials"]
        return {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretKey"],
            "aws_session_token": given["SessionToken"],
        }

    @property
    def _logins(self) -> dict[str, str]:
        return {self.place.provider: self.tokens["IdToken"]}

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


class Person(User):
    """A user of the embedded cloud, signed in after a sign-up if the user is new.

    Raises:
        LocalError: the password is wrong, or is not accepted for a new user.
    """

    def __init__(self, place: Place, email: str, password: str) -> None:
        clients = Clients(place.endpoint, "")  # Cognito serves these calls without credentials
        try:
            _sign_up(place, email, password, clients.get("cognito-idp", place.region, {}))
            super().__init__(
                place, email, password, lambda service: clients.get(service, place.region, {})
            )
        except ClientError as error:
            raise LocalError(f"{email}: {error.response['Error']['Message']}") from None


def _sign_up(place: Place, email: str, password: str, idp: Any) -> None:
    attributes = [{"Name": "email", "Value": email}]
    try:
        idp.sign_up(
            ClientId=place.client_id, Username=email, Password=password, UserAttributes=attributes
        )
    except idp.exceptions.UsernameExistsException:
        return
    code = _mailed_code(place.mails, email)
    idp.confirm_sign_up(ClientId=place.client_id, Username=email, ConfirmationCode=code)


def _mailed_code(address: str, email: str) -> str:
    """Returns the confirmation code of the last mail to the user."""
    with urllib.request.urlopen(address) as answer:
        mails = json.load(answer)["messages"]
    texts = [mail["BodyText"] for each in mails.values() for mail in each if email in mail["To"]]
    return str(texts[-1]).rstrip(".").split()[-1]
