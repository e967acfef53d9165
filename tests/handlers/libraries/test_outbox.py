"""The outbox writer: it writes nothing unless all events are valid and within the limits."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from outbox import Event, InvalidEvent, Outbox, TransactionTooLarge, UnknownSchema
from outbox.limits import attributes_size

SCHEMAS = Path("handlers/outbox_pipeline/place_order/schemas")
INVOICE = {"orderId": "i" * 36, "customerId": "c", "currency": "EUR", "total": 5}


@pytest.fixture
def loose(tmp_path):
    """A folder with a schema that accepts everything."""
    (tmp_path / "Anything.v1.json").write_text('{"type": "object"}')
    (tmp_path / "Anything.v2.json").write_text('{"type": "object", "required": ["new"]}')
    return tmp_path


def event(sequence=1, kind="InvoiceRequested", version=1, **changes):
    return Event(kind, version, "order-1", sequence, {**INVOICE, **changes})


def outbox(world, schemas=SCHEMAS):
    return Outbox(world.outbox, "test", schemas, world.dynamodb)


def order_put(world, **attributes):
    item = {"orderId": {"S": "order-1"}, **attributes}
    return {"Put": {"TableName": world.orders, "Item": item}}


def nothing_written(world):
    return world.items(world.orders) == [] and world.items(world.outbox) == []


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (event(2, total=-1), InvalidEvent, "InvoiceRequested v1 .* total must be at least 0"),
        (event(2, total="5"), InvalidEvent, "total must be of type integer"),
        (event(2, secret="x"), InvalidEvent, "secret is not expected"),
        (Event("InvoiceRequested", 1, "o", 2, {}), InvalidEvent, "orderId is missing"),
        (event(2, version=2), UnknownSchema, r"InvoiceRequested v2 .*InvoiceRequested\.v2\.json"),
        (event(2, kind="OrderVanished"), UnknownSchema, r"OrderVanished\.v1\.json"),
        (event(2, kind="../schemas/InvoiceRequested"), UnknownSchema, "no schema"),
    ],
)
def test_one_invalid_event_fails_the_whole_transaction(world, bad, error, message):
    with pytest.raises(error, match=message):
        outbox(world).transact([order_put(world)], [event(1), bad])
    assert nothing_written(world)


def test_a_repeated_call_is_refused_by_its_conditions_and_writes_nothing(world):
    """As in docs/outbox.md, with the time of each call."""
    put = order_put(world)
    put["Put"]["ConditionExpression"] = "attribute_not_exists(orderId)"
    outbox(world).transact([put], [event()])
    written = world.items(world.outbox)
    with pytest.raises(ClientError) as repeated:
        outbox(world).transact([put], [event()])
    assert repeated.value.response["Error"]["Code"] == "TransactionCanceledException"
    codes = [each["Code"] for each in repeated.value.response["CancellationReasons"]]
    assert codes == ["ConditionalCheckFailed"] * 2
    assert world.items(world.outbox) == written
    for row in written:  # a week after it was sent
        key = {name: row[name] for name in ("aggregateId", "sequence")}
        world.dynamodb.delete_item(TableName=world.outbox, Key=key)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        outbox(world).transact([put], [event()])


@pytest.mark.parametrize("value", [float("nan"), "\ud800", {1, 2}])
def test_data_that_cannot_be_written_as_json_is_rejected(world, loose, value):
    bad = Event("Anything", 1, "a", 1, {"value": value})
    with pytest.raises(InvalidEvent, match="Anything v1"):
        outbox(world, loose).transact([order_put(world)], [bad])
    assert nothing_written(world)


def test_several_versions_of_a_schema(world, loose):
    outbox(world, loose).transact([], [Event("Anything", 1, "a", 1, {})])
    with pytest.raises(InvalidEvent, match="new is missing"):
        outbox(world, loose).transact([], [Event("Anything", 2, "a", 2, {})])
    assert [row["version"]["N"] for row in world.items(world.outbox)] == ["1"]


def test_an_error_of_the_callers_item_prevents_the_events_too(world):
    refused = order_put(world)
    refused["Put"]["ConditionExpression"] = "attribute_exists(orderId)"
    with pytest.raises(world.dynamodb.exceptions.TransactionCanceledException):
        outbox(world).transact([refused], [event()])
    assert nothing_written(world)


def test_a_row_is_never_overwritten(world):
    outbox(world).transact([], [event()])
    before = world.items(world.outbox)
    with pytest.raises(world.dynamodb.exceptions.TransactionCanceledException):
        outbox(world).transact([], [event(total=6)])
    assert world.items(world.outbox) == before


def test_an_error_names_what_exceeds_a_limit(world, loose):
    transact = outbox(world, loose).transact
    large = Event("Anything", 1, "a", 7, {"text": "é" * 210_000})
    with pytest.raises(TransactionTooLarge, match=r"Anything v1 \(sequence 7\).*detail"):
        transact([order_put(world)], [large])
    many = [Event("Anything", 1, "a", number, {}) for number in range(1, 101)]
    with pytest.raises(TransactionTooLarge, match="101 items"):
        transact([order_put(world)], many)
    with pytest.raises(TransactionTooLarge, match="item 0"):
        transact([order_put(world, text={"S": "x" * 500_000})], [])
    wide = [Event("Anything", 1, "a", number, {"t": "x" * 390_000}) for number in range(1, 12)]
    with pytest.raises(TransactionTooLarge, match="4194304"):
        transact([order_put(world)], wide)
    assert nothing_written(world)


def test_a_transaction_can_have_a_hundred_items(world, loose):
    events = [Event("Anything", 1, "a", number, {}) for number in range(1, 100)]
    outbox(world, loose).transact([order_put(world)], events)
    assert len(world.items(world.outbox)) == 99


def test_schemas_of_the_registry_are_draft_04_and_match_their_names():
    files = sorted(SCHEMAS.iterdir())
    assert files
    for path in files:
        schema = json.loads(path.read_text())
        assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
        assert path.name.startswith(f"{schema['title']}.v")
        assert schema["additionalProperties"] is False


plain = st.recursive(
    st.text(st.characters(codec="utf-8")).map(lambda text: {"S": text})
    | st.integers(-(10**9), 10**9).map(lambda number: {"N": str(number)})
    | st.booleans().map(lambda flag: {"BOOL": flag}),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda values: {"L": values})
        | st.dictionaries(st.text(max_size=5), inner, max_size=3).map(lambda values: {"M": values})
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), plain, max_size=5))
def test_the_size_includes_names_and_values(item):
    text = sum(len(name.encode()) for name in item)
    strings = sum(len(value["S"].encode()) for value in item.values() if "S" in value)
    assert attributes_size(item) >= text + strings
