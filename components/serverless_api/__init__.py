"""ServerlessApi: a REST API of Lambda functions from one OpenAPI document, with its users."""

from .component import ServerlessApi, ServerlessApiArgs
from .folder_limits import DirectWritesArgs
from .functions import ApiFunctionArgs
from .method_settings import ThrottleArgs
from .openapi import read_document
from .release import ReleaseArgs

__all__ = [
    "ApiFunctionArgs",
    "DirectWritesArgs",
    "ReleaseArgs",
    "ServerlessApi",
    "ServerlessApiArgs",
    "ThrottleArgs",
    "read_document",
]
