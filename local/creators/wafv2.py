"""WAF web ACLs. The emulator stores them and does not evaluate their rules."""

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, creates


@creates(
    "aws:wafv2/webAcl:WebAcl",
    delete=Call(
        "wafv2", "delete_web_acl", Name="name", Scope="scope", Id="id", LockToken="lockToken"
    ),
)
def web_acl(context: Context, inputs: Inputs) -> Created:
    """A web ACL."""
    context.note(f"{context.type}: its rules are not evaluated, so every request passes")
    name = context.named(inputs, limit=128)
    handled = ("name", "namePrefix", "ruleJson", "associationConfig")
    made = context.call("wafv2", "create_web_acl", inputs, handled=handled, Name=name)["Summary"]
    return made["Id"], {
        "name": name,
        "arn": made["ARN"],
        "lockToken": made["LockToken"],
        "capacity": 0,
        "applicationIntegrationUrl": "",
    }


@creates(
    "aws:wafv2/ipSet:IpSet",
    delete=Call(
        "wafv2", "delete_ip_set", Name="name", Scope="scope", Id="id", LockToken="lockToken"
    ),
)
def ip_set(context: Context, inputs: Inputs) -> Created:
    """A set of IP addresses."""
    name = context.named(inputs, limit=128)
    handled = ("name", "namePrefix")
    made = context.call("wafv2", "create_ip_set", inputs, handled=handled, Name=name)["Summary"]
    return made["Id"], {"name": name, "arn": made["ARN"], "lockToken": made["LockToken"]}


@creates(
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    delete=Call("wafv2", "disassociate_web_acl", ResourceArn="resourceArn"),
)
def web_acl_association(context: Context, inputs: Inputs) -> Created:
    """The association of a web ACL with a stage."""
    context.call("wafv2", "associate_web_acl", inputs, {"webAclArn": "WebACLArn"})
    return f"{inputs['webAclArn']},{inputs['resourceArn']}", {}
