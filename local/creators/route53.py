"""Route 53 zones and records. This machine does not resolve them.

The name of a load balancer is served at an address of this machine, which replaces that of AWS in
the values of programs.
"""

import json
from typing import Any

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, Outputs, creates, overwrite


@creates("aws:route53/zone:Zone", delete=Call("route53", "delete_hosted_zone", Id="id"))
def zone(context: Context, inputs: Inputs) -> Created:
    """A public zone, or a private one of VPCs."""
    vpcs = inputs.get("vpcs", [])
    private: dict[str, Any] = {"VPC": _vpc(context, vpcs[0])} if vpcs else {}
    made = context.call(
        "route53",
        "create_hosted_zone",
        {"name": inputs["name"], "delegationSetId": inputs.get("delegationSetId")},
        CallerReference=context.urn,
        HostedZoneConfig={
            "Comment": inputs.get("comment", "Managed by Pulumi"),
            "PrivateZone": bool(vpcs),
        },
        **private,
    )
    zone_id = made["HostedZone"]["Id"].rpartition("/")[2]
    servers = made.get("DelegationSet", {}).get("NameServers") or [""]
    for each in vpcs[1:]:
        more = {"HostedZoneId": zone_id, "VPC": _vpc(context, each)}
        context.call("route53", "associate_vpc_with_hosted_zone", {}, **more)
    return zone_id, {
        "zoneId": zone_id,
        "arn": f"arn:aws:route53:::hostedzone/{zone_id}",
        "nameServers": servers,
        "primaryNameServer": servers[0],
        "comment": inputs.get("comment", "Managed by Pulumi"),
    }


def _vpc(context: Context, inputs: Inputs) -> dict[str, str]:
    return {"VPCId": inputs["vpcId"], "VPCRegion": inputs.get("vpcRegion", context.region)}


def _delete_record(context: Context, _id: str, state: Outputs) -> None:
    client, zone_id = context.client("route53"), state["zoneId"]
    if _zone(context, zone_id) is None:
        return
    which = {"StartRecordName": state["fqdn"], "StartRecordType": state["type"]}
    found = client.list_resource_record_sets(HostedZoneId=zone_id, **which)["ResourceRecordSets"]
    for each in found:
        if (each["Name"].rstrip("."), each["Type"]) == (state["fqdn"], state["type"]):
            batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": each}]}
            client.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)


@creates(
    "aws:route53/record:Record", update=overwrite("zoneId", "name", "type"), delete=_delete_record
)
def record(context: Context, inputs: Inputs) -> Created:
    """A record of a zone: values, or an alias of an AWS resource."""
    zone_id, kind = inputs["zoneId"], inputs["type"]
    zone = _zone(context, zone_id)
    if zone is None:
        context.note(f"{context.type}: the program uses a hosted zone that is not its own")
        name = inputs["name"].rstrip(".").lower()
        return f"{zone_id}_{name}_{kind}", {"fqdn": name}
    name = _full_name(zone, inputs["name"])
    wanted: dict[str, Any] = {"Name": name, "Type": kind}
    if inputs.get("aliases"):
        alias = inputs["aliases"][0]
        wanted["AliasTarget"] = {
            "DNSName": alias["name"],
            "HostedZoneId": alias["zoneId"],
            "EvaluateTargetHealth": alias["evaluateTargetHealth"],
        }
    else:
        wanted["TTL"] = inputs["ttl"]
        wanted["ResourceRecords"] = [{"Value": value} for value in inputs["records"]]
    # Several names of one certificate may have the same validation record.
    change = {"Action": "UPSERT", "ResourceRecordSet": wanted}
    batch = {"Changes": [change]}
    made = context.call(
        "route53", "change_resource_record_sets", {}, HostedZoneId=zone_id, ChangeBatch=batch
    )
    here = made["ResponseMetadata"]["HTTPHeaders"].get("x-record-urls", "{}")
    for served, url in json.loads(here).items():
        for scheme in ("http", "https"):
            context.serve(f"{scheme}://{served}", url)
    return f"{zone_id}_{name}_{kind}", {"fqdn": name}


def _zone(context: Context, zone_id: str) -> str | None:
    """Returns the name of a zone of the program; None if the zone exists outside of it."""
    client = context.client("route53")
    try:
        found: str = client.get_hosted_zone(Id=zone_id)["HostedZone"]["Name"]
    except client.exceptions.NoSuchHostedZone:
        return None
    return found


def _full_name(zone: str, name: str) -> str:
    """Returns the name with its zone, as in the AWS provider."""
    suffix, name = zone.rstrip("."), name.rstrip(".").lower()
    if name == suffix or name.endswith(f".{suffix}"):
        return name
    return f"{name}.{suffix}" if name else suffix
