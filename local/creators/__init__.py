"""How local mode emulates each AWS resource type: one file per service, named as in `pulumi_aws`.

A creator takes the context and the inputs of a resource (camelCase, as in a Pulumi state file). It
returns the id of the resource and its outputs: everything that the AWS provider computes. Its
decorator says how the type is deleted, and how it is updated if not by replacement. To add a type,
write this in the file of its service:

    def _update_queue(context: Context, url: str, inputs: Inputs) -> Outputs:
        wanted = _attributes(inputs)
        context.call("sqs", "set_queue_attributes", {}, QueueUrl=url, Attributes=wanted)
        return {}


    @creates(
        "aws:sqs/queue:Queue",
        update=Update(_update_queue, replaced_by=("name", "fifoQueue")),
        delete=Call("sqs", "delete_queue", QueueUrl="url"),
    )
    def queue(context: Context, inputs: Inputs) -> Created:
        name = context.named(inputs, limit=80)
        url = context.call("sqs", "create_queue", inputs, QueueName=name)["QueueUrl"]
        return url, {"name": name, "url": url, "arn": context.arn("sqs", name)}
"""
