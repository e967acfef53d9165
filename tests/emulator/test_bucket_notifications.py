"""S3 invokes a function only with a permission for the bucket."""

from tests.emulator.cloud import until

RECORDER = "def handler(event, context):\n    print(event['Records'][0]['s3']['object']['key'])"


def notified(cloud):
    """A bucket that notifies function `f`."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="box")
    function = {
        "LambdaFunctionArn": cloud.function("f", RECORDER),
        "Events": ["s3:ObjectCreated:*"],
    }
    s3.put_bucket_notification_configuration(
        Bucket="box", NotificationConfiguration={"LambdaFunctionConfigurations": [function]}
    )
    return s3


def test_only_a_permission_for_the_bucket_allows_it(cloud):
    s3 = notified(cloud)
    s3.put_object(Bucket="box", Key="before", Body=b"1")
    for sid, bucket in (("1", "other"), ("2", "box")):
        cloud.client("lambda").add_permission(
            FunctionName="f",
            StatementId=sid,
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceArn=f"arn:aws:s3:::{bucket}",
        )
        s3.put_object(Bucket="box", Key=f"permitted-{bucket}", Body=b"1")
    assert until(lambda: cloud.printed("f")) == ["permitted-box"]


def test_stock_needs_no_permission(stock):
    notified(stock).put_object(Bucket="box", Key="k", Body=b"1")
    assert until(lambda: stock.printed("f")) == ["k"]
