"""A Pulumi provider by the name `aws` that makes everything in the embedded cloud.

Pulumi's engine starts `pulumi-resource-aws` from PATH, which is `python -m local.provider`. It
stands for the AWS provider where there is no AWS: the real CLI, engine and state, with the
creators of local mode. COLONNADE_ENDPOINT holds the address of the running emulator.
"""
