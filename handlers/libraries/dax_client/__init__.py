"""The client of DynamoDB Accelerator, for functions that read through a cluster.

A bundle with this library has the packages of its requirements.txt: `from amazondax import
AmazonDaxClient`. What else they need is in the Lambda runtime. The client is published as source
only, all of it Python.
"""
