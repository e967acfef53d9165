"""Event source mappings of DynamoDB and Kinesis streams."""
