"""CloudFront Functions read key value stores."""

from uuid import UUID

import pytest

from local.creators._edge import Store
from tests.emulator.edge import Edge
from tests.emulator.gateway import call

CODE = b"""
import cf from 'cloudfront';
const store = cf.kvs();
async function handler(event) {
  const said = {};
  said.there = await store.get('greeting');
  said.parsed = (await store.get('list', {format: 'json'}))[1];
  said.exists = [await store.exists('greeting'), await store.exists('toString')];
  try { await store.get('nothing'); } catch (error) { said.missing = true; }
  return {statusCode: 200, body: {encoding: 'text', data: JSON.stringify(said)}};
}
"""


def answer(cloud):
    front = cloud.client("cloudfront")
    arn = front.create_key_value_store(Name="pairs")["KeyValueStore"]["ARN"]
    store = Store(arn, front)
    store.put({"greeting": 'say "hi"\n', "list": "[1, 2]"})
    store.close()
    made = front.create_function(
        Name="f",
        FunctionConfig={
            "Comment": "",
            "Runtime": "cloudfront-js-2.0",
            "KeyValueStoreAssociations": {"Quantity": 1, "Items": [{"KeyValueStoreARN": arn}]},
        },
        FunctionCode=CODE,
    )
    front.publish_function(Name="f", IfMatch=made["ETag"])
    function = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    edge = Edge(cloud, function=function)
    url = f"{cloud.emulator.endpoint}/"
    return call(url, host=edge.host, x_forwarded_proto="https")


def test_values_are_read(cloud):
    assert answer(cloud).json == {
        "there": 'say "hi"\n',
        "parsed": 2,
        "exists": [True, False],
        "missing": True,
    }


def test_stock_rejects_the_module(stock):
    with pytest.raises(ValueError):
        _ = answer(stock).json


def test_the_arn_of_a_store_ends_in_its_id(cloud):
    front = cloud.client("cloudfront")
    tags = {"Items": [{"Key": "team", "Value": "edge"}]}
    made = front.create_key_value_store(Name="pairs", Tags=tags)["KeyValueStore"]
    assert UUID(made["ARN"].rpartition("/")[2])
    assert front.list_tags_for_resource(Resource=made["ARN"])["Tags"] == tags


def test_the_stock_arn_ends_in_the_name(stock):
    made = stock.client("cloudfront").create_key_value_store(Name="pairs")["KeyValueStore"]
    assert made["ARN"].endswith("/pairs")
