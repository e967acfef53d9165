"""Administration of the emulator requires the secret of this run."""

import io
import subprocess
import urllib.request
import zipfile

import pytest

from local.emulator import Emulator
from local.emulator.settings import path_secret
from tests.emulator.gateway import call

GUARDED = [
    ("POST", "reset"),
    ("POST", "config"),
    ("GET", "ses/messages"),
    ("GET", "sqs/messages"),
    ("GET", "sns/sms-messages"),
    ("GET", "lambda-code/f"),
    ("POST", "rds/iam-auth"),
    ("PUT", "cfn-response/token"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize(
    "query", ["", "?secret=", "?secret=wrong", "?secret={0}", "?SECRET={1}", "?a={1}"]
)
def test_paths_are_refused_without_the_secret(cloud, method, path, query):
    cloud.queue("kept")
    secret = cloud.emulator.secret
    query = query.format(secret, path_secret(secret, f"/_ministack/{path}"))
    url = f"{cloud.emulator.endpoint}/_ministack/{path}{query}"
    answer = call(url, method)
    assert answer.status == 403 and "secret" in answer.text
    assert cloud.client("sqs").list_queues()["QueueUrls"]


def test_the_secret_opens_mails_also_in_a_browser(cloud):
    assert call(cloud.emulator.mails).json["messages"] == {}
    assert cloud.emulator.secret not in cloud.emulator.mails
    typed = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}
    assert call(cloud.emulator.mails, **typed).status == 200
    assert call(cloud.emulator.mails, **{"Sec-Fetch-Site": "cross-site"}).status == 403


def test_the_address_of_code_opens_this_code_only(cloud):
    for name in ("f", "g"):
        cloud.function(name, "def handler(event, context): pass")
    url = cloud.client("lambda").get_function(FunctionName="f")["Code"]["Location"]
    assert "&secret=" in url and cloud.emulator.secret not in url
    with urllib.request.urlopen(url) as answer:
        assert zipfile.ZipFile(io.BytesIO(answer.read())).namelist() == ["app.py"]
    assert call(url.replace("/f?", "/g?")).status == 403


@pytest.mark.parametrize("path", ["health", "ready", "iot/ca.pem"])
def test_what_says_nothing_about_resources_is_open(cloud, path):
    assert call(f"{cloud.emulator.endpoint}/_ministack/{path}").status == 200


def test_each_run_has_its_own_secret_that_other_users_cannot_list():
    with Emulator() as first, Emulator() as second:
        assert first.secret != second.secret and len(first.secret) >= 43
        commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
        assert "-m local.emulator" in commands
        assert first.secret not in commands
        foreign = first.mails.replace(first.endpoint, second.endpoint)
        assert (call(first.mails).status, call(foreign).status) == (200, 403)
        second.reset()


def test_stock_obeys_everyone(stock):
    assert call(f"{stock.emulator.endpoint}/_ministack/ses/messages").status == 200
    assert call(f"{stock.emulator.endpoint}/_ministack/reset", "POST").status == 200
