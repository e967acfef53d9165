"""ServerlessApi: a REST API of Lambda functions from one OpenAPI document, with its users."""

from .component import ServerlessApi, ServerlessApiArgs

__all__ = ["ServerlessApi", "ServerlessApiArgs"]
