"""How Data Firehose takes records from a source to S3, for `mends/delivery_streams.py`."""
