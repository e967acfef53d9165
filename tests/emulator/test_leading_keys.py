"""Access to a user's own rows in a shared table."""

import json

import pytest
from botocore.exceptions import ClientError

MINE = {"userId": {"S": "ann"}, "id": {"S": "1"}}
YOURS = {"userId": {"S": "bob"}, "id": {"S": "1"}}
TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def document(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def rows_of_ann(cloud):
    """A DynamoDB client with full access to the rows of `ann`."""
    dynamodb, iam = cloud.client("dynamodb"), cloud.client("iam")
    keys = [
        {"AttributeName": "userId", "KeyType": "HASH"},
        {"AttributeName": "id", "KeyType": "RANGE"},
    ]
    due = [{"AttributeName": "openUserId", "KeyType": "HASH"}]
    dynamodb.create_table(
        TableName="rows",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys,
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("userId", "id", "openUserId")
        ],
        GlobalSecondaryIndexes=[
            {"IndexName": "due", "KeySchema": due, "Projection": {"ProjectionType": "ALL"}}
        ],
    )
    for row in (MINE, YOURS):
        dynamodb.put_item(TableName="rows", Item={**row, "openUserId": row["userId"]})
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
    actions = ["GetItem", "PutItem", "DeleteItem", "UpdateItem", "Query", "BatchGetItem"]
    actions += ["BatchWriteItem", "PartiQLSelect", "PartiQLUpdate"]
    own = {
        "Effect": "Allow",
        "Action": [f"dynamodb:{action}" for action in actions],
        "Resource": "arn:aws:dynamodb:us-east-1:000000000000:table/rows*",
        "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ann"]}},
    }
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document(own))
    given = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    return cloud.client(
        "dynamodb",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def query(rows, user, name="userId", **more):
    return rows.query(
        TableName="rows",
        KeyConditionExpression="#who = :who",
        ExpressionAttributeNames={"#who": name},
        ExpressionAttributeValues={":who": user["userId"]},
        **more,
    )


CALLS = {
    "get": lambda rows, row: rows.get_item(TableName="rows", Key=row),
    "put": lambda rows, row: rows.put_item(TableName="rows", Item=row),
    "delete": lambda rows, row: rows.delete_item(TableName="rows", Key=row),
    "update": lambda rows, row: rows.update_item(TableName="rows", Key=row),
    "query": query,
    "index": lambda rows, row: query(rows, row, "openUserId", IndexName="due"),
    "batch-get": lambda rows, row: rows.batch_get_item(
        RequestItems={"rows": {"Keys": [{**MINE, "id": {"S": "2"}}, row]}}
    ),
    "batch-write": lambda rows, row: rows.batch_write_item(
        RequestItems={"rows": [{"PutRequest": {"Item": row}}]}
    ),
    "transaction": lambda rows, row: rows.transact_write_items(
        TransactItems=[{"Put": {"TableName": "rows", "Item": row}}]
    ),
    "select": lambda rows, row: rows.execute_statement(
        Statement="SELECT * FROM rows WHERE userId=?", Parameters=[row["userId"]]
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_user_can_access_only_their_own_rows(cloud, call):
    rows = rows_of_ann(cloud)
    assert call(rows, MINE)["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(ClientError) as refused:
        call(rows, YOURS)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_scan_is_denied(cloud):
    with pytest.raises(ClientError, match="AccessDenied"):
        rows_of_ann(cloud).scan(TableName="rows")


def test_stock_allows_all_rows(stock):
    assert "Item" in rows_of_ann(stock).get_item(TableName="rows", Key=YOURS)
