"""PhotoThumbnails: permissions, notifications, and prefixes that must not overlap."""

import json
from typing import Any

import pulumi
import pytest

from components.photo_thumbnails import PhotoThumbnails
from components.photo_thumbnails.buckets import STATE_PREFIXES
from tests.conftest import Build, Built
from tests.projects import PYTHON
from tests.unit.policies import statements

EXISTING = "arn:aws:s3:::own"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
DISTRIBUTION = "arn:aws:cloudfront::123456789012:distribution/E1"


@pytest.fixture
def args() -> dict[str, Any]:
    return {"functions": {"python": PYTHON}}


def notification(graph: Built) -> dict[str, Any]:
    return graph.one("photos-uploads-notification").inputs


def environment(graph: Built) -> dict[str, str]:
    return graph.one("photos-thumbnail", ":Function").inputs["environment"]["variables"]


def policy(graph: Built, name: str) -> list[dict[str, Any]]:
    return list(statements(graph.one(f"photos-{name}-policy").inputs["policy"]))


def test_the_function_processes_uploads_from_a_queue_one_at_a_time(build: Build, args: dict):
    graph = build(lambda: PhotoThumbnails("photos", args))
    queue = graph.one("photos-queue", "Queue")
    (targets,) = notification(graph)["queues"]
    assert targets == {
        "queueArn": queue.outputs["arn"],
        "events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"],
        "filterPrefix": "uploads/",
        "filterSuffix": "",
    }
    (allowed,) = [s for s in policy(graph, "queue") if s["Effect"] == "Allow"]
    bucket = graph.one("photos-uploads", "bucket:Bucket").outputs["arn"]
    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allowed["Condition"] == {
        "ArnEquals": {"aws:SourceArn": bucket},
        "StringEquals": {"aws:SourceAccount": queue.outputs["arn"].split(":")[4]},
    }
    assert graph.one("photos-mapping").inputs["batchSize"] == 1
    # A run whose message is received again has ended: `stored.py` relies on it.
    function = graph.one("photos-thumbnail", ":Function").inputs
    assert environment(graph)["TIMEOUT"] == str(function["timeout"])
    assert queue.inputs["visibilityTimeoutSeconds"] >= 6 * function["timeout"]
    redrive = json.loads(queue.inputs["redrivePolicy"])
    assert (redrive["maxReceiveCount"], environment(graph)["TRIES"]) == (10, "3")


def test_the_function_can_write_thumbnails_but_no_uploads(build: Build, args: dict):
    graph = build(lambda: PhotoThumbnails("photos", args))
    uploads, images = (
        graph.one(f"photos-{name}", "bucket:Bucket").outputs["arn"]
        for name in ("uploads", "images")
    )
    allowed = {
        (action, resource)
        for statement in policy(graph, "thumbnail")
        for action in statement["Action"]
        for resource in statement["Resource"]
        if action.startswith("s3:")
    }
    written = {f"{images}/{prefix}*" for prefix in ("img/", *STATE_PREFIXES)}
    assert allowed == {
        ("s3:GetObject", f"{uploads}/uploads/*"),
        ("s3:GetObject", f"{images}/photos/*"),
        ("s3:GetObject", f"{images}/attempts/*"),
        ("s3:ListBucket", uploads),
        ("s3:ListBucket", images),
        *(("s3:PutObject", each) for each in written),
        *(("s3:DeleteObject", each) for each in written),
    }


def test_component_and_function_use_the_same_state_prefixes():
    from photo_names import ATTEMPTS, FAILURES, GALLERY, HELD, MARKS, PHOTOS

    assert set(STATE_PREFIXES) == {PHOTOS, FAILURES, GALLERY, ATTEMPTS, MARKS, HELD}


def test_a_distribution_that_is_created_later_can_read_only_thumbnails(build: Build, args: dict):
    def program() -> None:
        photos = PhotoThumbnails("photos", {**args, "distribution": {}})
        pulumi.export("domain", photos.images_bucket_domain_name)
        photos.grant_distribution_access(DISTRIBUTION)

    graph = build(program)
    deny, allow = policy(graph, "images")
    images = graph.one("photos-images", "bucket:Bucket").outputs["arn"]
    assert deny["Effect"] == "Deny" and deny["Resource"] == [images, f"{images}/*"]
    assert (allow["Action"], allow["Resource"]) == (["s3:GetObject"], [f"{images}/img/*"])
    assert allow["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allow["Condition"] == {"ArnEquals": {"aws:SourceArn": DISTRIBUTION}}
    assert [each["Effect"] for each in policy(graph, "uploads")] == ["Deny"]
    assert graph.outputs["domain"] == "photos-images-1a2b3c4.s3.us-east-1.amazonaws.com"


def test_a_distribution_can_store_uploads(build: Build, args: dict):
    args |= {"distribution": {"distribution_arn": DISTRIBUTION, "allow_uploads": True}}
    graph = build(lambda: PhotoThumbnails("photos", args))
    _, allow = policy(graph, "uploads")
    uploads = graph.one("photos-uploads", "bucket:Bucket").outputs["arn"]
    assert (allow["Action"], allow["Resource"]) == (["s3:PutObject"], [f"{uploads}/uploads/*"])
    assert len(policy(graph, "images")) == 2


def test_transfer_acceleration_can_be_enabled(build: Build, args: dict):
    graph = build(lambda: PhotoThumbnails("photos", {**args, "transfer_acceleration": True}))
    assert graph.one("photos-uploads-acceleration").inputs["status"] == "Enabled"
    assert not build(lambda: PhotoThumbnails("photos", args)).of("BucketAccelerateConfiguration")


@pytest.mark.parametrize(
    ("transfer_acceleration", "host"),
    [(False, "s3.us-east-1.amazonaws.com"), (True, "s3-accelerate.amazonaws.com")],
)
def test_the_uploads_url_is_the_host_of_the_forms(
    build: Build, args: dict, transfer_acceleration: bool, host: str
):
    args |= {"transfer_acceleration": transfer_acceleration}
    outputs = build(lambda: PhotoThumbnails("photos", args)).one("photos").outputs
    assert outputs["uploads_url"] == f"https://{outputs['uploads_bucket_name']}.{host}"


def test_a_bucket_has_one_configuration_with_all_notifications(build: Build, args: dict):
    args |= {
        "notifications": [
            {"queue_arn": "queue", "prefix": "reports/"},
            {"topic_arn": "topic", "prefix": "raw/", "suffix": ".csv"},
            {"function_arn": FUNCTION, "prefix": "raw/", "suffix": ".txt"},
            {"topic_arn": "topic", "prefix": "uploads/", "events": ["s3:ObjectTagging:*"]},
        ],
        "eventbridge": True,
    }
    graph = build(lambda: PhotoThumbnails("photos", args))
    targets = notification(graph)
    assert [each["filterPrefix"] for each in targets["queues"]] == ["uploads/", "reports/"]
    assert [each["filterPrefix"] for each in targets["topics"]] == ["raw/", "uploads/"]
    assert targets["lambdaFunctions"][0]["filterSuffix"] == ".txt"
    assert targets["eventbridge"] is True and len(graph.of("BucketNotification")) == 1
    permission = graph.one("photos-uploads-notification-3")
    assert permission.inputs["function"] == FUNCTION
    assert permission.inputs["sourceAccount"] == "123456789012"
    assert (
        permission.inputs["sourceArn"]
        == graph.one("photos-uploads", "bucket:Bucket").outputs["arn"]
    )


def test_rekognition_is_called_only_if_enabled(build: Build, args: dict):
    graph = build(lambda: PhotoThumbnails("photos", args))
    assert "rekognition" not in json.dumps(policy(graph, "thumbnail"))
    assert (
        environment(graph)["MODERATION_CONFIDENCE"] == environment(graph)["LABEL_CONFIDENCE"] == "0"
    )
    args |= {"moderation": {}, "labels": {"max_labels": 3}}
    graph = build(lambda: PhotoThumbnails("photos", args))
    (rekognition,) = [s for s in policy(graph, "thumbnail") if "rekognition" in s["Action"][0]]
    assert rekognition["Action"] == [
        "rekognition:DetectModerationLabels",
        "rekognition:DetectLabels",
    ]
    found = environment(graph)
    assert (found["MODERATION_CONFIDENCE"], found["LABEL_CONFIDENCE"]) == ("80", "75")
    assert found["MAX_LABELS"] == "3"


def test_approval_by_a_tag_of_the_upload(build: Build, args: dict):
    graph = build(lambda: PhotoThumbnails("photos", args))
    assert environment(graph)["MANUAL_APPROVAL"] == "0"
    assert "Tagging" not in json.dumps([notification(graph), policy(graph, "thumbnail")])
    graph = build(lambda: PhotoThumbnails("photos", {**args, "manual_approval": True}))
    assert environment(graph)["MANUAL_APPROVAL"] == "1"
    assert "s3:ObjectTagging:*" in notification(graph)["queues"][0]["events"]
    (tags,) = [s for s in policy(graph, "thumbnail") if s["Action"] == ["s3:GetObjectTagging"]]
    uploads = graph.one("photos-uploads", "bucket:Bucket").outputs["arn"]
    assert tags["Resource"] == [f"{uploads}/uploads/*"]


def test_existing_buckets_are_not_changed(build: Build, args: dict):
    args |= {"uploads_bucket_arn": f"{EXISTING}-1", "images_bucket_arn": f"{EXISTING}-2"}
    graph = build(lambda: PhotoThumbnails("photos", args))
    kinds = {each.type.rsplit(":", 1)[-1] for each in graph.resources if "aws:s3" in each.type}
    assert kinds == {"BucketNotification"}
    assert environment(graph)["IMAGES_BUCKET"] == "own-2"


def test_the_photo_api_can_sign_uploads_but_not_read_them(build: Build, args: dict):
    def program() -> None:
        access = PhotoThumbnails("photos", args).grant_photo_api()
        pulumi.export("statements", [dict(each) for each in access["statements"]])
        pulumi.export("environment", access["environment"])

    graph = build(program)
    actions = [action for each in graph.outputs["statements"] for action in each["actions"]]
    assert actions == ["s3:PutObject", "s3:GetObject", "s3:ListBucket"]
    assert graph.outputs["environment"]["MAX_UPLOAD_BYTES"] == "26214400"


@pytest.mark.parametrize("known_early", [True, False])
@pytest.mark.parametrize(
    ("prefixes", "overlap"),
    [
        (("img/", "img/"), "img/"),
        (("img/", "img/new/"), "img/new/"),
        (("img/raw/", "img/"), "img/"),
        (("photos/", "img/"), "photos/"),
        (("failures/x/", "img/"), "failures/"),
    ],
)
def test_overlapping_prefixes_in_one_bucket_are_refused(
    build: Build, args: dict, known_early: bool, prefixes: tuple[str, str], overlap: str
):
    def program() -> None:
        images = EXISTING if known_early else pulumi.Output.from_input(EXISTING)
        buckets = {"uploads_bucket_arn": EXISTING, "images_bucket_arn": images}
        upload, image = prefixes
        prefix_args = {"upload_prefix": upload, "image_prefix": image}
        PhotoThumbnails("photos", {**args, **buckets, **prefix_args})

    with pytest.raises((ValueError, AssertionError)) as caught:
        build(program)
    assert f"upload_prefix: '{prefixes[0]}' overlaps with '{overlap}'" in str(caught.value)


def test_separate_prefixes_in_one_bucket_are_accepted(build: Build, args: dict):
    args |= {"uploads_bucket_arn": EXISTING, "images_bucket_arn": EXISTING}
    found = environment(build(lambda: PhotoThumbnails("photos", args)))
    assert found["UPLOADS_BUCKET"] == found["IMAGES_BUCKET"] == "own"


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"sizes": []}, "sizes: must be 1 to 8 different values"),
        ({"sizes": [64, 64]}, "sizes: must be 1 to 8 different values"),
        ({"sizes": [8]}, "sizes[0]: is 8"),
        ({"sizes": [5000]}, "sizes[0]: is 5000"),
        ({"formats": ["heic"]}, "formats[0]: is 'heic'"),
        (
            {"allowed_origins": ["https://example.com/"]},
            "allowed_origins[0]: is 'https://example.com/'; it must be '*', ",
        ),
        ({"formats": []}, "formats: must be 1 to 5 different values"),
        ({"quality": 0}, "quality: is 0"),
        ({"max_upload_bytes": 10**9}, "max_upload_bytes: is"),
        ({"memory": 256}, "memory: is 256"),
        ({"timeout": 5}, "timeout: is 5"),
        ({"upload_prefix": "uploads"}, "upload_prefix: is 'uploads'"),
        ({"upload_prefix": ""}, "upload_prefix: is ''"),
        ({"image_prefix": "gallery/x/"}, "image_prefix: 'gallery/' holds"),
        ({"moderation": {"min_confidence": 0}}, "min_confidence: is 0"),
        ({"labels": {"least": 1}}, "labels.least: is not an argument"),
        ({"distribution": {"arn": "x"}}, "distribution.arn: is not an argument"),
        ({"notifications": [{}]}, "notifications[0]: must have one of `queue_arn`"),
        (
            {"notifications": [{"queue_arn": "a", "topic_arn": "b"}]},
            "notifications[0]: must have one of",
        ),
        (
            {"notifications": [{"queue_arn": "a", "events": ["Created"]}]},
            "notifications[0].events: 'Created' is not an S3 event",
        ),
        (
            {"notifications": [{"queue_arn": "a"}]},
            "'s3:ObjectCreated:*' of the same keys to one target only, which is the component",
        ),
        (
            {
                "notifications": [
                    {"queue_arn": "a", "prefix": "up", "events": ["s3:ObjectCreated:Put"]}
                ]
            },
            "only, which is the component itself",
        ),
        (
            {
                "notifications": [
                    {
                        "queue_arn": "a",
                        "prefix": "uploads/",
                        "events": ["s3:LifecycleExpiration:Delete"],
                    }
                ]
            },
            "'s3:LifecycleExpiration:Delete' of the same keys to one target only",
        ),
        (
            {
                "notifications": [
                    {"queue_arn": "a", "prefix": "x/", "suffix": ".jpg"},
                    {"topic_arn": "b", "prefix": "x/y/", "suffix": "g"},
                ]
            },
            "only, which is notifications[0]; use `eventbridge`",
        ),
        ({"size": 1}, "size: is not an argument; did you mean `sizes`?"),
    ],
)
def test_the_error_names_the_invalid_argument(
    build: Build, args: dict, overrides: dict, problem: str
):
    with pytest.raises(ValueError, match="PhotoThumbnails 'photos'") as caught:
        build(lambda: PhotoThumbnails("photos", {**args, **overrides}))
    assert problem in str(caught.value)
