"""How Data Firehose takes records from a source to S3, for `patches/delivery_streams.py`."""
