"""The root certificates of RDS are what docs/databases.md says."""

import re
import ssl
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509.oid import NameOID
from postgres.connections import ROOTS

NAME = re.compile(r"Amazon RDS ([a-z]+-[a-z]+-\d) Root CA (RSA2048|RSA4096|ECC384) G1")


def test_each_is_a_valid_root_of_one_region():
    certificates = x509.load_pem_x509_certificates(ROOTS.read_bytes())
    found = set()
    for each in certificates:
        (name,) = each.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        match = NAME.fullmatch(str(name.value))
        assert match, name
        each.verify_directly_issued_by(each)
        assert each.not_valid_after_utc > datetime(2061, 1, 1, tzinfo=UTC)
        found.add(match.groups())
    regions = {region for region, _algorithm in found}
    assert len(found) == len(certificates) == 3 * len(regions) == 81


def test_a_client_reads_them():
    context = ssl.create_default_context(cafile=str(ROOTS))
    assert context.cert_store_stats()["x509_ca"] == 81
    assert context.check_hostname
