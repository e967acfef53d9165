"""A picture of what a component is made of, drawn from what its resources use of each other."""

from collections.abc import Iterator, Mapping, Sequence

from local.engine.graph import Registration

# The resources worth drawing, with the brackets that give Mermaid's shape.
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
# What starts a function, and what a rule sends to: drawn from the source to the target.
STARTS = (
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "aws:lambda/permission:Permission",
    "aws:s3/bucketNotification:BucketNotification",
)
POLICY = "aws:iam/rolePolicy:RolePolicy"


def picture(resources: Sequence[Registration]) -> str:
    """The picture in Mermaid's language; empty where there are not two things to draw."""
    drawn = {each.urn: each for each in resources if each.type in SHAPES}
    if len(drawn) < 2:
        return ""
    lines = ["flowchart LR"]
    for each in sorted(drawn.values(), key=lambda one: one.name):
        start, end = SHAPES[each.type]
        kind = each.type.rpartition(":")[2]
        lines.append(f'  {_id(each)}{start}"{_short(each)}<br/>{kind}"{end}')
    edges = {*_starts(resources, drawn), *_uses(resources, drawn), *_inside(drawn)}
    lines += [f"  {source} {arrow} {target}" for source, arrow, target in sorted(edges)]
    return "\n".join(lines)


Drawn = Mapping[str, Registration]
Edge = tuple[str, str, str]


def _starts(resources: Sequence[Registration], drawn: Drawn) -> Iterator[Edge]:
    for each in resources:
        if each.type in STARTS:
            ends = [drawn[urn] for urn in each.dependencies if urn in drawn]
            functions = [end for end in ends if end.type == LAMBDA]
            others = [end for end in ends if end.type != LAMBDA]
            for source in others:
                for target in functions or others:
                    if source is not target and (functions or "Rule" in source.type):
                        yield _id(source), "-->", _id(target)


def _uses(resources: Sequence[Registration], drawn: Drawn) -> Iterator[Edge]:
    """What a function's role may reach."""
    by_urn = {each.urn: each for each in resources}
    for policy in (each for each in resources if each.type == POLICY):
        roles = [urn for urn in policy.dependencies if by_urn[urn].type == "aws:iam/role:Role"]
        for function in (each for each in drawn.values() if each.type == LAMBDA):
            if set(roles) & set(function.dependencies):
                for urn in policy.dependencies:
                    if urn in drawn and drawn[urn] is not function:
                        yield _id(function), "-.->", _id(drawn[urn])


def _inside(drawn: Drawn) -> Iterator[Edge]:
    """What else uses what: a rule its bus, a distribution its bucket."""
    for each in drawn.values():
        if each.type != LAMBDA:
            for urn in each.dependencies:
                if urn in drawn:
                    yield _id(drawn[urn]), "---", _id(each)


def _id(each: Registration) -> str:
    return f"{each.name}-{each.type.rpartition(':')[2]}".replace("-", "_")


def _short(each: Registration) -> str:
    return each.name.removeprefix("x-")
