"""DeliveryPipeline: checks of pull requests and deployments of a branch, on AWS CodePipeline."""

from .component import DeliveryPipeline, DeliveryPipelineArgs

__all__ = ["DeliveryPipeline", "DeliveryPipelineArgs"]
