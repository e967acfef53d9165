"""DeliveryPipeline: checks of pull requests and deploys of the main branch, on AWS CodePipeline."""

from .component import DeliveryPipeline, DeliveryPipelineArgs

__all__ = ["DeliveryPipeline", "DeliveryPipelineArgs"]
