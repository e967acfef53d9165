"""VPCs, subnets, routes, endpoints: they carry no traffic. Launch templates of instances."""

import zlib
from typing import Any

from local.creators._security_groups import ipv4_and_ipv6
from local.engine.context import ACCOUNT, Context
from local.engine.fit import text
from local.engine.registry import (
    Call,
    Created,
    Inputs,
    Outputs,
    Update,
    creates,
    invokes,
    with_owner,
)


@creates("aws:ec2/vpc:Vpc", delete=Call("ec2", "delete_vpc", VpcId="id"))
def vpc(context: Context, inputs: Inputs) -> Created:
    """A VPC."""
    switches = ("enableDnsHostnames", "enableDnsSupport", "enableNetworkAddressUsageMetrics")
    rename = {"assignGeneratedIpv6CidrBlock": "AmazonProvidedIpv6CidrBlock"}
    made = make(context, "vpc", inputs, rename, switches)["Vpc"]
    network = made["VpcId"]
    for switch in switches[:2]:
        if switch in inputs:
            wanted = {switch: {"value": inputs[switch]}}
            context.call("ec2", "modify_vpc_attribute", wanted, VpcId=network)
    filters = [{"Name": "vpc-id", "Values": [network]}]
    tables = context.call("ec2", "describe_route_tables", {}, Filters=filters)["RouteTables"]
    groups = context.call("ec2", "describe_security_groups", {}, Filters=filters)["SecurityGroups"]
    acls = context.call("ec2", "describe_network_acls", {}, Filters=filters)["NetworkAcls"]
    main = next((each["RouteTableId"] for each in tables), "")
    return network, {
        **owned(context, "vpc", network),
        "defaultRouteTableId": main,
        "mainRouteTableId": main,
        "defaultSecurityGroupId": next((each["GroupId"] for each in groups), ""),
        "defaultNetworkAclId": next((each["NetworkAclId"] for each in acls), ""),
        "dhcpOptionsId": made.get("DhcpOptionsId", ""),
        "ipv6AssociationId": "",
        "ipv6CidrBlock": "",
        "enableDnsSupport": inputs.get("enableDnsSupport", True),
    }


@creates("aws:ec2/subnet:Subnet", delete=Call("ec2", "delete_subnet", SubnetId="id"))
def subnet(context: Context, inputs: Inputs) -> Created:
    """A subnet in one Availability Zone."""
    handled = ("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation", "enableDns64")
    made = make(context, "subnet", inputs, {}, handled)["Subnet"]
    return made["SubnetId"], {
        **owned(context, "subnet", made["SubnetId"]),
        "availabilityZone": made["AvailabilityZone"],
        "availabilityZoneId": made.get("AvailabilityZoneId", ""),
        "ipv6CidrBlockAssociationId": "",
    }


@creates(
    "aws:ec2/routeTable:RouteTable", delete=Call("ec2", "delete_route_table", RouteTableId="id")
)
def route_table(context: Context, inputs: Inputs) -> Created:
    """A route table with its routes."""
    handled = ("routes", "propagatingVgws")
    made = make(context, "route-table", inputs, {}, handled)["RouteTable"]
    table = made["RouteTableId"]
    rename = {"cidrBlock": "DestinationCidrBlock"}
    for route in inputs.get("routes", []):
        context.call("ec2", "create_route", route, rename, RouteTableId=table)
    return table, {**owned(context, "route-table", table), "routes": inputs.get("routes", [])}


@creates(
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    delete=Call("ec2", "disassociate_route_table", AssociationId="id"),
)
def route_table_association(context: Context, inputs: Inputs) -> Created:
    """The association of a route table with a subnet."""
    return context.call("ec2", "associate_route_table", inputs)["AssociationId"], {}


def _delete_route(context: Context, _id: str, state: Outputs) -> None:
    where = {"DestinationCidrBlock": state["destinationCidrBlock"]}
    context.client("ec2").delete_route(RouteTableId=state["routeTableId"], **where)


@creates("aws:ec2/route:Route", delete=_delete_route)
def route(context: Context, inputs: Inputs) -> Created:
    """A route of a route table to an IPv4 block."""
    table, block = inputs["routeTableId"], inputs["destinationCidrBlock"]
    context.call("ec2", "create_route", inputs)
    return f"r-{table}{zlib.crc32(block.encode())}", {"origin": "CreateRoute", "state": "active"}


def _delete_internet_gateway(context: Context, id_: str, state: Outputs) -> None:
    client = context.client("ec2")
    if state.get("vpcId"):
        client.detach_internet_gateway(InternetGatewayId=id_, VpcId=state["vpcId"])
    client.delete_internet_gateway(InternetGatewayId=id_)


@creates("aws:ec2/internetGateway:InternetGateway", delete=_delete_internet_gateway)
def internet_gateway(context: Context, inputs: Inputs) -> Created:
    """An internet gateway, attached to a VPC."""
    made = make(context, "internet-gateway", inputs, {}, ("vpcId",))["InternetGateway"]
    gateway = made["InternetGatewayId"]
    if "vpcId" in inputs:
        wanted = {"vpcId": inputs["vpcId"]}
        context.call("ec2", "attach_internet_gateway", wanted, InternetGatewayId=gateway)
    return gateway, owned(context, "internet-gateway", gateway)


@creates("aws:ec2/eip:Eip", delete=Call("ec2", "release_address", AllocationId="id"))
def eip(context: Context, inputs: Inputs) -> Created:
    """A public IPv4 address."""
    tags = {**context.default_tags, **inputs.get("tags", {})}
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    given = {"TagSpecifications": [{"ResourceType": "elastic-ip", "Tags": pairs}]} if pairs else {}
    made = context.call("ec2", "allocate_address", inputs, {}, ("tags",), **given)
    address = made["AllocationId"]
    return address, {
        **owned(context, "elastic-ip", address),
        "allocationId": address,
        "publicIp": made["PublicIp"],
        "domain": "vpc",
    }


@creates(
    "aws:ec2/natGateway:NatGateway", delete=Call("ec2", "delete_nat_gateway", NatGatewayId="id")
)
def nat_gateway(context: Context, inputs: Inputs) -> Created:
    """A NAT gateway."""
    made = make(context, "natgateway", inputs, {}, (), operation="create_nat_gateway")
    found = made["NatGateway"]
    addresses = found.get("NatGatewayAddresses") or [{}]
    return found["NatGatewayId"], {
        "publicIp": addresses[0].get("PublicIp", ""),
        "privateIp": addresses[0].get("PrivateIp", ""),
        "connectivityType": inputs.get("connectivityType", "public"),
    }


def _delete_endpoint(context: Context, id_: str, _state: Outputs) -> None:
    context.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[id_])


@creates("aws:ec2/vpcEndpoint:VpcEndpoint", delete=_delete_endpoint)
def vpc_endpoint(context: Context, inputs: Inputs) -> Created:
    """A VPC endpoint of an AWS service."""
    kind = inputs.get("vpcEndpointType", "Gateway")
    made = make(
        context,
        "vpc-endpoint",
        {**inputs, "vpcEndpointType": kind},
        {"policy": "PolicyDocument"},
        ("autoAccept",),
    )["VpcEndpoint"]
    endpoint = made["VpcEndpointId"]
    return endpoint, {
        **owned(context, "vpc-endpoint", endpoint),
        "vpcEndpointType": kind,
        "state": made.get("State", "available"),
        "policy": text(inputs.get("policy", made.get("PolicyDocument", ""))),
        "prefixListId": f"pl-{endpoint[-8:]}" if kind == "Gateway" else "",
        "cidrBlocks": [],
        "dnsEntries": [],
        "networkInterfaceIds": made.get("NetworkInterfaceIds", []),
        "requesterManaged": False,
    }


@invokes("aws:ec2/getManagedPrefixList:getManagedPrefixList")
def get_managed_prefix_list(context: Context, inputs: Inputs) -> Inputs:
    """Returns an AWS-managed prefix list."""
    id_ = f"pl-{zlib.crc32(inputs['name'].encode()):08x}"
    return {
        "id": id_,
        "name": inputs["name"],
        "arn": context.arn("ec2", f"prefix-list/{id_}"),
        "addressFamily": "IPv4",
        "entries": [],
        "maxEntries": 0,
        "ownerId": "AWS",
        "tags": {},
        "version": 0,
    }


@creates(
    "aws:ec2/securityGroup:SecurityGroup", delete=Call("ec2", "delete_security_group", GroupId="id")
)
def security_group(context: Context, inputs: Inputs) -> Created:
    """A security group. Its rules may also be separate resources."""
    name = context.named(inputs)
    group = make(
        context,
        "security-group",
        {**inputs, "description": inputs.get("description", "Managed by Pulumi")},
        {},
        ("name", "namePrefix", "ingress", "egress", "revokeRulesOnDelete"),
        GroupName=name,
    )["GroupId"]
    # The provider removes the rule that AWS adds to every new group.
    everything: Any = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    client = context.client("ec2")
    client.revoke_security_group_egress(GroupId=group, IpPermissions=[everything])
    for direction in ("ingress", "egress"):
        permissions = [ipv4_and_ipv6(each, group) for each in inputs.get(direction, [])]
        if permissions:
            authorize = getattr(client, f"authorize_security_group_{direction}")
            authorize(GroupId=group, IpPermissions=permissions)
    return group, {
        **owned(context, "security-group", group),
        "name": name,
        "description": inputs.get("description", "Managed by Pulumi"),
        "ingress": inputs.get("ingress", []),
        "egress": inputs.get("egress", []),
    }


@creates("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", delete=with_owner)
def default_security_group(context: Context, inputs: Inputs) -> Created:
    """The default security group of a VPC, which has no other rules than those of the program."""
    filters = [
        {"Name": "vpc-id", "Values": [inputs["vpcId"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    found = context.call("ec2", "describe_security_groups", {}, Filters=filters)
    group = found["SecurityGroups"][0]
    client = context.client("ec2")
    for direction, key in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        if group[key]:
            revoke = getattr(client, f"revoke_security_group_{direction}")
            revoke(GroupId=group["GroupId"], IpPermissions=group[key])
        permissions = [ipv4_and_ipv6(each, group["GroupId"]) for each in inputs.get(direction, [])]
        if permissions:
            authorize = getattr(client, f"authorize_security_group_{direction}")
            authorize(GroupId=group["GroupId"], IpPermissions=permissions)
    return group["GroupId"], {
        **owned(context, "security-group", group["GroupId"]),
        "name": "default",
        "description": group["Description"],
        "ingress": inputs.get("ingress", []),
        "egress": inputs.get("egress", []),
    }


def _delete_flow_log(context: Context, id_: str, _state: Outputs) -> None:
    context.client("ec2").delete_flow_logs(FlowLogIds=[id_])


@creates("aws:ec2/flowLog:FlowLog", delete=_delete_flow_log)
def flow_log(context: Context, inputs: Inputs) -> Created:
    """The flow log of a VPC or a subnet. It stays empty, as there is no traffic."""
    kind = "VPC" if "vpcId" in inputs else "Subnet"
    tags = {**context.default_tags, **inputs.get("tags", {})}
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    specifications = [{"ResourceType": "vpc-flow-log", "Tags": pairs}] if pairs else []
    made = context.call(
        "ec2",
        "create_flow_logs",
        inputs,
        {"iamRoleArn": "DeliverLogsPermissionArn"},
        ("vpcId", "subnetId", "tags"),
        ResourceIds=[inputs.get("vpcId") or inputs["subnetId"]],
        ResourceType=kind,
        TagSpecifications=specifications,
    )
    log = made["FlowLogIds"][0]
    return log, {
        "arn": context.arn("ec2", f"vpc-flow-log/{log}"),
        "logDestinationType": inputs.get("logDestinationType", "cloud-watch-logs"),
    }


def _update_launch_template(context: Context, id_: str, inputs: Inputs) -> Outputs:
    made = context.call(
        "ec2",
        "create_launch_template_version",
        {"launchTemplateData": _template_data(inputs)},
        TEMPLATE_NAMES,
        LaunchTemplateId=id_,
    )["LaunchTemplateVersion"]
    number = made["VersionNumber"]
    default = inputs.get("defaultVersion")
    if inputs.get("updateDefaultVersion"):
        default = number
    if default:
        context.client("ec2").modify_launch_template(
            LaunchTemplateId=id_, DefaultVersion=str(default)
        )
    return {"latestVersion": number, "defaultVersion": default or 1}


@creates(
    "aws:ec2/launchTemplate:LaunchTemplate",
    update=Update(
        _update_launch_template,
        replaced_by=("name", "namePrefix"),
        outputs=("latestVersion", "defaultVersion"),
    ),
    delete=Call("ec2", "delete_launch_template", LaunchTemplateId="id"),
)
def launch_template(context: Context, inputs: Inputs) -> Created:
    """A launch template with its first version."""
    name = context.named(inputs, limit=128)
    made = make(
        context,
        "launch-template",
        {"launchTemplateData": _template_data(inputs), "tags": inputs.get("tags", {})},
        TEMPLATE_NAMES,
        (),
        LaunchTemplateName=name,
    )["LaunchTemplate"]
    template = made["LaunchTemplateId"]
    return template, {
        "name": name,
        "arn": context.arn("ec2", f"launch-template/{template}"),
        "latestVersion": made["LatestVersionNumber"],
        "defaultVersion": made["DefaultVersionNumber"],
    }


TEMPLATE_NAMES = {
    f"launchTemplateData.{key}": member
    for key, member in {
        "securityGroupNames": "SecurityGroups",
        "vpcSecurityGroupIds": "SecurityGroupIds",
        "networkInterfaces.securityGroups": "Groups",
    }.items()
}


def _template_data(inputs: Inputs) -> Inputs:
    """Return the part of the inputs that is in each version of a template."""
    own = ("defaultVersion", "description", "name", "namePrefix", "tags", "updateDefaultVersion")
    return {key: value for key, value in inputs.items() if key not in (*own, "region", "tagsAll")}


def make(
    context: Context,
    kind: str,
    inputs: Inputs,
    rename: dict[str, str],
    handled: tuple[str, ...],
    *,
    operation: str = "",
    **given: Any,
) -> dict[str, Any]:
    """Calls EC2's operation that creates a kind of resource, with the tags in EC2's form.

    `operation` is its name unless it follows from the kind.
    """
    tags = {**context.default_tags, **inputs.get("tags", {})}
    if tags:
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        given["TagSpecifications"] = [{"ResourceType": kind, "Tags": pairs}]
    operation = operation or f"create_{kind.replace('-', '_')}"
    return context.call("ec2", operation, inputs, rename, ("tags", *handled), **given)


def owned(context: Context, kind: str, id_: str) -> dict[str, str]:
    """Returns the outputs that all resources of a VPC have."""
    return {"arn": context.arn("ec2", f"{kind}/{id_}"), "ownerId": ACCOUNT}
