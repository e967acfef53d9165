"""The Content-Security-Policy of the pages of systems."""

import pytest

from tests.conftest import Built


@pytest.mark.parametrize(("page", "hosts"), [("todo", 2), ("telemetry", 0)])
def test_scripts_of_a_page_reach_exact_hosts_only(graph: Built, page: str, hosts: int):
    headers = graph.one(f"{page}-site-headers").inputs["securityHeadersConfig"]
    policy = headers["contentSecurityPolicy"]["contentSecurityPolicy"]
    rules = {each.split()[0]: each.split()[1:] for each in policy.split("; ")}
    assert rules["default-src"] == rules["frame-ancestors"] == ["'none'"]
    own, *others = rules["connect-src"]
    assert own == "'self'" and len(others) == hosts
    for each in others:
        assert each.startswith("https://") and "*" not in each and each != "https://"
