"""Policy variables in resources and conditions."""

import json

import pytest
from botocore.exceptions import ClientError

OWN = "${aws:PrincipalTag/sub}"
TRUST = {
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": ["sts:AssumeRole", "sts:TagSession"],
}


def session(cloud, *statements, **tags):
    """Return an S3 client of a session with these tags and statements."""
    iam = cloud.client("iam")
    cloud.client("s3").create_bucket(Bucket="box")
    for key in ("users/ann/a", "users/bob/b", "users/*/c", "public/d"):
        cloud.client("s3").put_object(Bucket="box", Key=key, Body=b"x")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document(*statements))
    given = cloud.client("sts").assume_role(
        RoleArn=role,
        RoleSessionName="session",
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )["Credentials"]
    return cloud.client(
        "s3",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(resource, action="s3:GetObject", **condition):
    statement = {"Effect": "Allow", "Action": action, "Resource": f"arn:aws:s3:::{resource}"}
    return {**statement, "Condition": condition} if condition else statement


def readable(s3, *keys):
    """Return the keys that the session can read."""
    found = []
    for key in keys:
        try:
            s3.get_object(Bucket="box", Key=key)
            found.append(key)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied"
    return found


BOTH = ("users/ann/a", "users/bob/b")


def test_in_a_resource(cloud):
    assert readable(session(cloud, allow(f"box/users/{OWN}/*"), sub="ann"), *BOTH) == [BOTH[0]]


@pytest.mark.parametrize(
    "variable",
    ["${aws:principaltag/SUB}", "${aws:PrincipalTag/none, 'ann'}"],
    ids=["any-case", "default"],
)
def test_spellings(cloud, variable):
    assert readable(session(cloud, allow(f"box/users/{variable}/*"), sub="ann"), *BOTH) == [BOTH[0]]


def test_a_variable_without_a_value_matches_nothing(cloud):
    assert readable(session(cloud, allow(f"box/users/{OWN}*"), other="ann"), *BOTH) == []


def test_a_value_is_not_a_wildcard(cloud):
    keys = (*BOTH, "users/*/c")
    assert readable(session(cloud, allow(f"box/users/{OWN}/*"), sub="*"), *keys) == ["users/*/c"]


def test_a_literal_star(cloud):
    keys = (*BOTH, "users/*/c")
    assert readable(session(cloud, allow("box/users/${*}/*")), *keys) == ["users/*/c"]


def test_a_deny_for_all_except_the_users_own_folder(cloud):
    deny = {"Effect": "Deny", "Action": "s3:*", "NotResource": f"arn:aws:s3:::box/users/{OWN}/*"}
    assert readable(session(cloud, allow("box/*"), deny, sub="ann"), *BOTH) == [BOTH[0]]


def test_in_the_prefix_of_a_listing(cloud):
    own = {"s3:prefix": [f"users/{OWN}/*", f"users/{OWN}/"]}
    s3 = session(cloud, allow("box", "s3:ListBucket", StringLike=own), sub="ann")
    found = s3.list_objects_v2(Bucket="box", Prefix="users/ann/")
    assert [each["Key"] for each in found["Contents"]] == ["users/ann/a"]
    for prefix in ("users/bob/", "users/", "users/an", "users/ann", ""):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.list_objects_v2(Bucket="box", Prefix=prefix)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket="box")


def test_stock_treats_a_variable_as_text(stock):
    assert readable(session(stock, allow(f"box/users/{OWN}/*"), sub="ann"), *BOTH) == []
