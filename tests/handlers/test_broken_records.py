"""One bad record stays one bad record: the others of its batch are handled."""

from types import SimpleNamespace
from typing import Any

import pytest
from api import Api, Response
from outbox_pipeline.relay.app import relay
from outbox_pipeline.ship_order.app import Settings as ShipSettings
from outbox_pipeline.ship_order.app import ShipOrder
from partial_batch import BadRecord
from photo_thumbnails.thumbnail.messages import changed_keys
from welcome_mailer.feedback.app import Feedback
from welcome_mailer.feedback.app import Settings as FeedbackSettings
from welcome_mailer.welcome.app import Welcome

from .events import Context
from .events.broken import BODIES, STREAM_RECORDS


def messages(*bodies: Any) -> dict[str, Any]:
    return {"Records": [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]}


def failed(response: dict[str, Any]) -> list[str]:
    return [each["itemIdentifier"] for each in response["batchItemFailures"]]


@pytest.mark.parametrize("body", BODIES)
def test_shipping(body: str):
    ship = ShipOrder(ShipSettings("t", "t", "each", "c"), SimpleNamespace(dynamodb=None, s3=None))
    assert failed(ship(messages(body, body))) == ["0", "1"]


@pytest.mark.parametrize("body", BODIES)
def test_feedback_of_mails(body: str):
    feedback = Feedback(FeedbackSettings("t", "c"), SimpleNamespace(dynamodb=None))
    assert failed(feedback(messages(body, body))) == ["0", "1"]


@pytest.mark.parametrize("body", BODIES)
def test_uploads_of_photos(body: str):
    with pytest.raises(BadRecord):
        changed_keys(body, "bucket", "uploads/")


@pytest.mark.parametrize("record", STREAM_RECORDS)
def test_welcome_mails(record: dict[str, Any]):
    answered = Welcome(None)({"Records": [record]})  # type: ignore[arg-type]
    assert len(answered["batchItemFailures"]) <= 1


@pytest.mark.parametrize("record", STREAM_RECORDS)
def test_the_relay_parks_the_record_or_reports_it(record: dict[str, Any]):
    class Reports:
        def publish(self, records, _more_time):
            return SimpleNamespace(sent=0, parked=0, failed=range(len(records)))

    answered = relay({"Records": [record]}, Context(), Reports())  # type: ignore[arg-type]
    assert len(answered["batchItemFailures"]) == 1


@pytest.mark.parametrize(
    "holes",
    [
        {"multiValueHeaders": {"Origin": None}, "headers": None},
        {"multiValueQueryStringParameters": {"next": None}, "queryStringParameters": None},
        {"requestContext": None, "pathParameters": None},
    ],
)
def test_requests_of_apis(holes: dict[str, Any]):
    api = Api(
        {"GET /x": lambda request: Response(200, {"next": request.query("next")})}, frozenset()
    )
    event = {"httpMethod": "GET", "resource": "/x", "headers": {}, **holes}
    assert api(event)["statusCode"] == 200
