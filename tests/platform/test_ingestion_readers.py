"""A program with Redshift and QuickSight runs locally without them, and reports it."""

SOURCE = """
import sys
from pathlib import Path

from components import IngestionPipeline

root = Path(sys.modules["components"].__file__).parents[1]
reader = "arn:aws:quicksight:us-east-1:000000000000:user/default/reader"
made = IngestionPipeline(
    "t",
    {
        "schema": (root / "schemas" / "telemetry.yaml").read_text(),
        "stream": False,
        "redshift": {},
        "quicksight": {"principal_arn": reader},
        "functions": {"python": f"{sys.version_info.major}.{sys.version_info.minor}"},
        "retain_data": False,
    },
)
pulumi.export("workgroup", made.redshift_workgroup_name)
pulumi.export("set", made.quicksight_data_set_arn)
pulumi.export("lake", made.lake_bucket_name)
"""


def test_types_that_are_not_emulated_are_skipped_and_reported(deploy):
    reports: list[dict] = []
    cloud = deploy(SOURCE, listen=reports.append)
    said = {each["message"].split(": ")[0] for each in reports if each["event"] == "not_emulated"}
    assert {
        "aws:cloudcontrol/resource:Resource",
        "aws:quicksight/dataSet:DataSet",
        "aws:quicksight/dataSource:DataSource",
        "aws:redshift/integration:Integration",
        "aws:redshift/resourcePolicy:ResourcePolicy",
        "aws:redshiftserverless/namespace:Namespace",
        "aws:redshiftserverless/workgroup:Workgroup",
    } <= said
    assert not [each for each in reports if "not checked" in each.get("message", "")]
    assert cloud.outputs["workgroup"].startswith("lake-")
    assert cloud.outputs["set"].startswith("arn:aws:quicksight:us-east-1:000000000000:dataset/")
    policy = cloud.client("s3").get_bucket_policy(Bucket=cloud.outputs["lake"])["Policy"]
    assert "s3:PutBucketNotification" in policy and "integration:*" in policy
