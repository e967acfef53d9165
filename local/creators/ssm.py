"""Parameters of AWS itself, such as the AMI of an operating system."""

import zlib

from local.engine.context import Context
from local.engine.registry import Inputs, invokes

AMIS = "/aws/service/ami-"


@invokes("aws:ssm/getParameter:getParameter")
def get_parameter(context: Context, inputs: Inputs) -> Inputs:
    """Returns a public parameter with an AMI ID, which differs by name and means nothing here.

    Raises ValueError for another parameter: a program that reads one cannot be run without AWS.
    """
    name = inputs["name"]
    if not name.startswith(AMIS):
        raise ValueError(f"local mode has the public parameters {AMIS}..., and not {name}")
    ami = f"ami-{zlib.crc32(name.encode()):017x}"
    return {
        "id": name,
        "name": name,
        "arn": f"arn:aws:ssm:{context.region}::parameter{name}",
        "type": "String",
        "value": ami,
        "insecureValue": ami,
        "version": 1,
        "withDecryption": inputs.get("withDecryption", True),
    }
