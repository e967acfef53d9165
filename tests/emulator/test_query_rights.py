"""The resource of Athena queries in IAM is their workgroup."""

import pytest
from botocore.exceptions import ClientError

from tests.emulator.test_lake_queries import ask, role_for, table


def test_a_role_for_the_workgroup_reads_its_queries(cloud):
    table(cloud)
    _, rows = ask(cloud, "SELECT a FROM t WHERE a = 1", client=role_for(cloud, "w"))
    assert rows == [["1"]]


def test_a_role_for_another_workgroup_does_not(cloud):
    table(cloud)
    execution, _ = ask(cloud, "SELECT a FROM t")
    with pytest.raises(ClientError, match="AccessDenied"):
        role_for(cloud, "x").get_query_execution(QueryExecutionId=execution["QueryExecutionId"])


def test_stock_denies_both(stock):
    table(stock)
    with pytest.raises(ClientError, match="AccessDenied"):
        ask(stock, "SELECT a FROM t", client=role_for(stock, "w"))
