"""How Lambda reads a DynamoDB stream for a function (an event source mapping)."""
