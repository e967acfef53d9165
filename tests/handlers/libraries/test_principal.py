"""Whose request it is, by what the gateway says of the caller."""

import pytest
from api import Refusal, Request

ASSUMED = "arn:aws:sts::111122223333:assumed-role/ledger-0123/i-0abc"


@pytest.mark.parametrize(
    "context, principal",
    [
        ({"identity": {"userArn": ASSUMED}}, "role/111122223333/ledger-0123"),
        ({"identity": {"userArn": f"{ASSUMED}-other"}}, "role/111122223333/ledger-0123"),
        (
            {"identity": {"userArn": "arn:aws:iam::111122223333:user/team/ann"}},
            "iam-user/111122223333/ann",
        ),
        (
            {"identity": {"userArn": "arn:aws:iam::111122223333:root"}},
            "iam-user/111122223333/root",
        ),
        ({"identity": {"apiKeyId": "k1", "userArn": None}}, "key/k1"),
        ({"identity": {"sourceIp": "203.0.113.9", "userArn": None}}, "public"),
        ({"authorizer": {"claims": {"sub": "a-b"}}, "identity": {}}, "user/a-b"),
    ],
)
def test_the_principal_is_the_caller(context, principal):
    assert Request({"requestContext": context}).principal == principal


def test_a_direct_invocation_names_its_principal():
    assert Request({"principal": "importer"}).principal == "invoker/importer"
    with pytest.raises(Refusal, match="principal"):
        Request({}).principal  # noqa: B018
