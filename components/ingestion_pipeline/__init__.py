"""IngestionPipeline: what devices measure, to a table that SQL answers over, and to reports."""

from .component import IngestionPipeline, IngestionPipelineArgs

__all__ = ["IngestionPipeline", "IngestionPipelineArgs"]
