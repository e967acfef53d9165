"""Users for tests: those of `local.people`, with calls of the API and AWS."""

from typing import Any

from local import people
from local.cloud import Cloud
from local.people import Place
from tests.emulator.gateway import Answer, call

PASSWORD = "Correct horse battery 1"


class Person(people.Person):
    """A user who has signed up and in."""

    def __init__(self, cloud: Cloud, place: Place, email: str) -> None:
        super().__init__(place, email, PASSWORD)
        self.cloud = cloud

    def client(self, service: str) -> Any:
        """Return a client with the user's temporary credentials."""
        return self.cloud.client(service, **self.credentials)

    def call(self, path: str, *arguments: str, **headers: str) -> Answer:
        """Call the API with the user's access token."""
        token = f"Bearer {self.access_token}"
        return call(self.place.url + path, *arguments, authorization=token, **headers)
