"""People who use an API with users: signed up, signed in by SRP, with their own credentials."""

from dataclasses import dataclass
from typing import Any

from pycognito.aws_srp import AWSSRP

from local.cloud import Cloud

from .emulator.gateway import Answer, call, claims

PASSWORD = "Correct horse battery 1"


@dataclass(frozen=True)
class Place:
    """Where they sign up, and what they call."""

    url: str
    user_pool_id: str
    client_id: str
    identity_pool_id: str

    @property
    def provider(self) -> str:
        """The pool as the identity pool knows it."""
        region = self.user_pool_id.split("_")[0]
        return f"cognito-idp.{region}.amazonaws.com/{self.user_pool_id}"


class Person:
    """Somebody who has signed up and in."""

    def __init__(self, cloud: Cloud, place: Place, email: str) -> None:
        self.cloud, self.place = cloud, place
        idp = cloud.client("cognito-idp")
        idp.sign_up(
            ClientId=place.client_id,
            Username=email,
            Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": email}],
        )
        idp.confirm_sign_up(
            ClientId=place.client_id, Username=email, ConfirmationCode=self.code(email)
        )
        self.tokens: dict[str, str] = AWSSRP(
            username=email,
            password=PASSWORD,
            pool_id=place.user_pool_id,
            client_id=place.client_id,
            client=idp,
        ).authenticate_user()["AuthenticationResult"]
        self.sub = str(claims(self.tokens["AccessToken"])["sub"])

    def code(self, email: str) -> str:
        """The confirmation code, from the mail that was sent."""
        mails = call(f"{self.cloud.endpoint}/_ministack/ses/messages").json["messages"]
        texts = [
            mail["BodyText"] for each in mails.values() for mail in each if email in mail["To"]
        ]
        return texts[-1].rstrip(".").split()[-1]

    def client(self, service: str) -> Any:
        """A client with the person's own temporary credentials."""
        identity = self.cloud.client("cognito-identity")
        logins = {self.place.provider: self.tokens["IdToken"]}
        pool = self.place.identity_pool_id
        id_ = identity.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
        given = identity.get_credentials_for_identity(IdentityId=id_, Logins=logins)["Credentials"]
        return self.cloud.client(
            service,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretKey"],
            aws_session_token=given["SessionToken"],
        )

    def call(self, path: str, *arguments: str, **headers: str) -> Answer:
        """Call the API with the person's access token."""
        token = f"Bearer {self.tokens['AccessToken']}"
        return call(self.place.url + path, *arguments, authorization=token, **headers)
