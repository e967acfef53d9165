"""A message that is sent while another thread removes messages is not lost."""

import subprocess
import sys

import pytest

from local.emulator.process import PROJECT

# The race is very short, so the test extends it: the pass over the messages ends only after another
# thread had time to send.
RACE = """
import sys, threading
from pathlib import Path
from local.emulator.folder import Folder
from local.emulator.patches import Server, queue_messages
from ministack.services import sqs

if sys.argv[1] == "patched":
    queue_messages.apply(Server(Path("python"), Folder(Path(".")), ""))
sqs._act_create_queue({"QueueName": "dead"}, "")
redrive = '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead", "maxReceiveCount": 3}'
sqs._act_create_queue({"QueueName": "q", "Attributes": {"RedrivePolicy": redrive}}, "")
url = sqs._queue_url("q")
queue = sqs._queues[url]


def send(text):
    sqs._act_send_message({"MessageBody": text}, url)


class Slow(list):
    def __iter__(self):
        yield from list.__iter__(self)
        sender = threading.Thread(target=send, args=("second",))
        sender.start()
        sender.join(0.3)
        senders.append(sender)


senders = []
send("first")
queue["messages"] = Slow(queue["messages"])
sqs._dlq_sweep(queue)
for sender in senders:
    sender.join()
print(sorted(message["body"] for message in queue["messages"]))
"""


@pytest.mark.parametrize(("how", "left"), [("patched", ["first", "second"]), ("stock", ["first"])])
def test_a_message_that_is_sent_during_a_cleanup(how, left):
    ran = subprocess.run(
        [sys.executable, "-c", RACE, how], cwd=PROJECT, capture_output=True, text=True
    )
    assert ran.stdout.strip() == str(left), ran.stderr
