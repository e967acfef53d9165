"""Tells a topic what was booked: at least once for each booking.

A booking and the row that it is untold are one transaction. The row is deleted after the topic has
the message, so that a crash in between repeats the message; consumers count each booking once.
"""

import json
import logging
import threading
from typing import TYPE_CHECKING

from postgres import Database, Run

if TYPE_CHECKING:
    from types_boto3_sns import SNSClient

logger = logging.getLogger(__name__)

REPEAT_SECONDS = 5.0
"""Time after which bookings are told again whose process has ended or failed."""
_BATCH = 10  # maximum of PublishBatch


class News:
    """The untold bookings of one database. Threads and processes share them."""

    def __init__(self, database: Database, topic_arn: str, client: "SNSClient") -> None:
        self._database, self._topic_arn, self._client = database, topic_arn, client
        self._wanted = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start a thread that tells what is wanted, and what others have left."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait for it."""
        self._ended = True
        self._wanted.set()
        self._thread.join()

    def tell(self) -> None:
        """Tell the topic soon. A failure is tried again; the booking does not depend on it."""
        self._wanted.set()

    def tell_now(self) -> int:
        """Tell the topic up to ten bookings, and return how many.

        Raises:
            ClientError, BotoCoreError, PublishError: the topic did not take them. All are told
                again.
            DatabaseUnavailable, OutcomeUnknown, DatabaseError: from the database.
        """
        return self._database.transaction(self._publish)

    def _publish(self, run: Run) -> int:
        # Rows that another process is telling are skipped, not waited for.
        rows = run(
            "DELETE FROM untold_bookings u USING bookings b WHERE u.booking_id IN"
            " (SELECT booking_id FROM untold_bookings LIMIT :batch FOR UPDATE SKIP LOCKED)"
            " AND b.booking_id = u.booking_id"
            " RETURNING b.booking_id, b.product_id, b.quantity, b.total_cents",
            batch=_BATCH,
        )
        if not rows:
            return 0
        entries = [
            {
                "Id": str(number),
                "Message": json.dumps(
                    {
                        "bookingId": str(row["booking_id"]),
                        "productId": row["product_id"],
                        "quantity": row["quantity"],
                        "totalCents": row["total_cents"],
                    }
                ),
            }
            for number, row in enumerate(rows)
        ]
        answer = self._client.publish_batch(
            TopicArn=self._topic_arn,
            PublishBatchRequestEntries=entries,  # type: ignore[arg-type]
        )
        if answer["Failed"]:
            raise PublishError(f"{len(answer['Failed'])} of {len(rows)} messages were not accepted")
        return len(rows)

    def _run(self) -> None:
        while not self._ended:
            self._wanted.wait(REPEAT_SECONDS)
            self._wanted.clear()
            try:
                while not self._ended and self.tell_now() == _BATCH:
                    pass
            # Whatever it is, the thread goes on: without it, bookings would stay untold.
            except Exception as error:
                logger.warning("bookings are untold", extra={"error": type(error).__name__})


class PublishError(Exception):
    """The topic did not accept all messages. Nothing is deleted; all are told again."""
