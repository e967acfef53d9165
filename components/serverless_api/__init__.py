"""ServerlessApi: a REST API of Lambda functions from one OpenAPI document, with its users."""

from .component import ServerlessApi, ServerlessApiArgs
from .functions import ApiFunctionArgs
from .openapi import read_document
from .release import ReleaseArgs
from .rest_api import ThrottleArgs

__all__ = [
    "ApiFunctionArgs",
    "ReleaseArgs",
    "ServerlessApi",
    "ServerlessApiArgs",
    "ThrottleArgs",
    "read_document",
]
