"""IngestionPipeline: device measurements in a table for SQL queries, and reports."""

from .component import IngestionPipeline, IngestionPipelineArgs

__all__ = ["IngestionPipeline", "IngestionPipelineArgs"]
