"""How each AWS resource type is made: one file per service, named as in `pulumi_aws`.

A creator takes the context and the resource's inputs (camelCase, as in a Pulumi state file) and
returns the resource's id and its outputs: everything the AWS provider computes. To add a type,
write one in the file of its service:

    @creates("aws:sqs/queue:Queue")
    def queue(context: Context, inputs: Inputs) -> Created:
        name = context.named(inputs, limit=80)
        url = context.call("sqs", "create_queue", inputs, QueueName=name)["QueueUrl"]
        return url, {"name": name, "url": url, "arn": context.arn("sqs", name)}
"""
