"""Functions of the AWS provider that belong to no service."""

from local.engine.context import ACCOUNT, Context
from local.engine.registry import Inputs, invokes


@invokes("aws:index/getCallerIdentity:getCallerIdentity")
def get_caller_identity(_context: Context, _inputs: Inputs) -> Inputs:
    """The account and the administrator."""
    return {
        "id": ACCOUNT,
        "accountId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "userId": ACCOUNT,
    }


@invokes("aws:index/getRegion:getRegion")
def get_region(context: Context, _inputs: Inputs) -> Inputs:
    """The provider's region."""
    name = context.region
    return {
        "id": name,
        "name": name,
        "region": name,
        "description": name,
        "endpoint": f"ec2.{name}.amazonaws.com",
    }


@invokes("aws:index/getPartition:getPartition")
def get_partition(_context: Context, _inputs: Inputs) -> Inputs:
    """The commercial partition."""
    return {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }
