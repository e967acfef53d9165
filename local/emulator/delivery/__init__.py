"""Delivery of Data Firehose from a source to S3, for `patches/delivery_streams.py`."""
