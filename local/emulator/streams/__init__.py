"""How Lambda reads DynamoDB and Kinesis streams for a function (an event source mapping)."""
