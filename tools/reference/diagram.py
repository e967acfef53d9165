"""A diagram of the resources of a component and the references between them."""

from collections.abc import Iterator, Mapping, Sequence

from local.engine.graph import Registration

# The types of resources in the diagram, with the brackets of their shape in Mermaid.
SHAPES = {
    "aws:apigateway/restApi:RestApi": ("[", "]"),
    "aws:cloudfront/distribution:Distribution": ("[", "]"),
    "aws:cloudfront/function:Function": ("[", "]"),
    "aws:cloudwatch/eventBus:EventBus": ("{{", "}}"),
    "aws:cloudwatch/eventRule:EventRule": ("{{", "}}"),
    "aws:codebuild/project:Project": ("[", "]"),
    "aws:codepipeline/pipeline:Pipeline": ("[/", "/]"),
    "aws:cognito/identityPool:IdentityPool": ("[", "]"),
    "aws:cognito/userPool:UserPool": ("[", "]"),
    "aws:dax/cluster:Cluster": ("[", "]"),
    "aws:dynamodb/table:Table": ("[(", ")]"),
    "aws:glue/catalogTable:CatalogTable": ("[(", ")]"),
    "aws:iot/topicRule:TopicRule": ("{{", "}}"),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": ("[/", "/]"),
    "aws:kinesis/stream:Stream": ("[/", "/]"),
    "aws:kms/key:Key": ("[", "]"),
    "aws:lambda/function:Function": ("[", "]"),
    "aws:s3/bucket:Bucket": ("[(", ")]"),
    "aws:sns/topic:Topic": ("{{", "}}"),
    "aws:sqs/queue:Queue": ("[/", "/]"),
}
LAMBDA = "aws:lambda/function:Function"
# Types that connect a source to its target, such as a queue to the function that it invokes.
CONNECTIONS = (
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "aws:lambda/permission:Permission",
    "aws:s3/bucketNotification:BucketNotification",
)
POLICY = "aws:iam/rolePolicy:RolePolicy"


def diagram(resources: Sequence[Registration]) -> str:
    """Return the diagram as Mermaid text; empty if there are fewer than two resources to draw."""
    drawn = {each.urn: each for each in resources if each.type in SHAPES}
    if len(drawn) < 2:
        return ""
    lines = ["flowchart LR"]
    for each in sorted(drawn.values(), key=lambda one: one.name):
        start, end = SHAPES[each.type]
        kind = each.type.rpartition(":")[2]
        lines.append(f'  {_id(each)}{start}"{_short(each)}<br/>{kind}"{end}')
    edges = {*_connections(resources, drawn), *_uses(resources, drawn), *_references(drawn)}
    lines += [f"  {source} {arrow} {target}" for source, arrow, target in sorted(edges)]
    return "\n".join(lines)


Drawn = Mapping[str, Registration]
Edge = tuple[str, str, str]


def _connections(resources: Sequence[Registration], drawn: Drawn) -> Iterator[Edge]:
    for each in resources:
        if each.type in CONNECTIONS:
            ends = [drawn[urn] for urn in each.dependencies if urn in drawn]
            functions = [end for end in ends if end.type == LAMBDA]
            others = [end for end in ends if end.type != LAMBDA]
            for source in others:
                for target in functions or others:
                    if source is not target and (functions or "Rule" in source.type):
                        yield _id(source), "-->", _id(target)


def _uses(resources: Sequence[Registration], drawn: Drawn) -> Iterator[Edge]:
    """Yield the resources that the role of a function has access to."""
    by_urn = {each.urn: each for each in resources}
    for policy in (each for each in resources if each.type == POLICY):
        roles = [urn for urn in policy.dependencies if by_urn[urn].type == "aws:iam/role:Role"]
        for function in (each for each in drawn.values() if each.type == LAMBDA):
            if set(roles) & set(function.dependencies):
                for urn in policy.dependencies:
                    if urn in drawn and drawn[urn] is not function:
                        yield _id(function), "-.->", _id(drawn[urn])


def _references(drawn: Drawn) -> Iterator[Edge]:
    """Yield other references, such as of a rule to its bus or a distribution to its bucket."""
    for each in drawn.values():
        if each.type != LAMBDA:
            for urn in each.dependencies:
                if urn in drawn:
                    yield _id(drawn[urn]), "---", _id(each)


def _id(each: Registration) -> str:
    return f"{each.name}-{each.type.rpartition(':')[2]}".replace("-", "_")


def _short(each: Registration) -> str:
    return each.name.removeprefix("x-")
