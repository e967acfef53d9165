"""Functions of the AWS provider that do not belong to a service."""

from local.engine.context import ACCOUNT, Context
from local.engine.registry import Inputs, invokes


@invokes("aws:index/getCallerIdentity:getCallerIdentity")
def get_caller_identity(_context: Context, _inputs: Inputs) -> Inputs:
    """Returns the account and the administrator."""
    return {
        "id": ACCOUNT,
        "accountId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "userId": ACCOUNT,
    }


@invokes("aws:index/getRegion:getRegion")
def get_region(context: Context, _inputs: Inputs) -> Inputs:
    """Returns the provider's region."""
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
    """Returns the commercial partition."""
    return {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


@invokes("aws:index/getAvailabilityZones:getAvailabilityZones")
def get_availability_zones(context: Context, _inputs: Inputs) -> Inputs:
    """Returns three zones for all arguments."""
    names = [f"{context.region}{letter}" for letter in "abc"]
    return {
        "id": context.region,
        "region": context.region,
        "names": names,
        "zoneIds": [f"use1-az{number}" for number in (1, 2, 3)],
        "groupNames": [context.region],
    }
