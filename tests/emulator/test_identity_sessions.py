"""Sessions of an identity pool's users."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.emulator.gateway import Users, claims

ASSUME, TAG = "sts:AssumeRoleWithWebIdentity", "sts:TagSession"
PROVIDER = "cognito-identity.amazonaws.com"


class Identities:
    """An identity pool for a user pool, and the role of its users."""

    def __init__(self, cloud, actions=(ASSUME, TAG), audience=None, tags=None):
        self.cloud, self.users = cloud, Users(cloud)
        self.users.add()
        self.identity = cloud.client("cognito-identity")
        self.provider = f"cognito-idp.us-east-1.amazonaws.com/{self.users.pool}"
        self.pool = self.identity.create_identity_pool(
            IdentityPoolName="p",
            AllowUnauthenticatedIdentities=False,
            CognitoIdentityProviders=[
                {"ProviderName": self.provider, "ClientId": self.users.client}
            ],
        )["IdentityPoolId"]
        trust = {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": list(actions),
            "Condition": {
                "StringEquals": {f"{PROVIDER}:aud": audience or self.pool},
                "ForAnyValue:StringLike": {f"{PROVIDER}:amr": "authenticated"},
            },
        }
        iam = cloud.client("iam")
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=document(trust))["Role"]
        self.identity.set_identity_pool_roles(
            IdentityPoolId=self.pool, Roles={"authenticated": role["Arn"]}
        )
        if tags is not None:
            self.identity.set_principal_tag_attribute_map(
                IdentityPoolId=self.pool, IdentityProviderName=self.provider, **tags
            )
        cloud.client("s3").create_bucket(Bucket="box")

    def allow(self, resource, **condition):
        statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": resource}
        self.cloud.client("iam").put_role_policy(
            RoleName="r",
            PolicyName="p",
            PolicyDocument=document({**statement, "Condition": condition}),
        )

    def session(self):
        """Return the token, the identity ID and an S3 client of a session."""
        token = self.users.sign_in()["IdToken"]
        logins = {self.provider: token}
        identity = self.identity.get_id(IdentityPoolId=self.pool, Logins=logins)["IdentityId"]
        given = self.identity.get_credentials_for_identity(IdentityId=identity, Logins=logins)
        given = given["Credentials"]
        s3 = self.cloud.client(
            "s3",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretKey"],
            aws_session_token=given["SessionToken"],
        )
        return claims(token), identity, s3


def document(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def may_put(s3, key):
    try:
        s3.put_object(Bucket="box", Key=key, Body=b"x")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied"
        return False
    return True


TAGS = {"PrincipalTags": {"sub": "sub", "mail": "email", "none": "absent"}}


def test_claims_become_session_tags(cloud):
    identities = Identities(cloud, tags=TAGS)
    identities.allow("arn:aws:s3:::box/${aws:PrincipalTag/sub}/${aws:PrincipalTag/mail}/*")
    token, _, s3 = identities.session()
    assert may_put(s3, f"{token['sub']}/a@example.com/x")
    assert not may_put(s3, "other/a@example.com/x")


def test_a_missing_claim_is_not_a_tag(cloud):
    identities = Identities(cloud, tags=TAGS)
    identities.allow("*", Null={"aws:PrincipalTag/none": "false"})
    assert not may_put(identities.session()[2], "x")


def test_default_tags(cloud):
    identities = Identities(cloud, tags={"UseDefaults": True})
    identities.allow("arn:aws:s3:::box/${aws:PrincipalTag/username}/*")
    token, _, s3 = identities.session()
    assert may_put(s3, f"{token['sub']}/x")


def test_the_id_of_the_identity_is_a_variable(cloud):
    identities = Identities(cloud)
    identities.allow(f"arn:aws:s3:::box/${{{PROVIDER}:sub}}/*")
    _, identity, s3 = identities.session()
    assert may_put(s3, f"{identity}/x")
    assert not may_put(s3, "other/x")


@pytest.mark.parametrize(
    "settings",
    [{"actions": [ASSUME], "tags": TAGS}, {"audience": "us-east-1:other"}],
    ids=["no-TagSession", "another-pool"],
)
def test_the_role_must_trust_the_pool(cloud, settings):
    with pytest.raises(ClientError, match="InvalidIdentityPoolConfiguration"):
        Identities(cloud, **settings).session()


def test_without_tags_no_permission_to_tag_is_needed(cloud):
    assert Identities(cloud, actions=[ASSUME]).session()


def test_stock_sets_no_tags_and_does_not_check_the_role(stock):
    identities = Identities(stock, actions=[ASSUME], audience="us-east-1:other", tags=TAGS)
    identities.allow("*", Null={"aws:PrincipalTag/sub": "false"})
    assert not may_put(identities.session()[2], "x")
