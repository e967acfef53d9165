"""ServerlessApi: a REST API of Lambda functions from one OpenAPI document, with its users."""

from .component import ServerlessApi, ServerlessApiArgs
from .functions import ApiFunctionArgs

__all__ = ["ApiFunctionArgs", "ServerlessApi", "ServerlessApiArgs"]
