"""ServerlessApi: a REST API of Lambda functions from one OpenAPI document, with its users."""

from .component import ServerlessApi, ServerlessApiArgs
from .functions import ApiFunctionArgs
from .openapi import Document
from .release import ReleaseArgs

__all__ = ["ApiFunctionArgs", "Document", "ReleaseArgs", "ServerlessApi", "ServerlessApiArgs"]
