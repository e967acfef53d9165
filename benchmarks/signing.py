"""Signed links per CPU second in process, compared with botocore, and the savings of a pass."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from benchmarks.report import Result, Target
from benchmarks.rounds import Times, interleave, output, timed

URL = "https://d111111abcdef8.cloudfront.net/film/hls/segment-{}.ts"
EXPIRES = 1_767_290_400
MOMENT = datetime.fromtimestamp(EXPIRES, UTC)
PEER = "botocore, `cryptography`, RSA-2048"
SEGMENTS = 500
FLOORS = {
    "`openssl speed`, RSA-2048: signatures only": lambda: _openssl("rsa2048", "rsa"),
    "`openssl speed`, P-256: signatures only": lambda: _openssl("ecdsap256", "nistp256"),
}


@dataclass(frozen=True)
class Case:
    """One way to make links."""

    make: Callable[[int], object]
    """Makes one link, by number."""
    links: int
    """Number of links per round."""

    def run(self) -> float:
        """Return the CPU seconds per link; `openssl speed` measures CPU time too."""
        started = time.process_time()
        for number in range(self.links):
            self.make(number)
        return (time.process_time() - started) / self.links


def measure(rounds: int) -> Result:
    """Sign links on one thread."""
    keys = {
        "RSA": rsa.generate_private_key(65537, 2048),
        "ECDSA": ec.generate_private_key(ec.SECP256R1()),
    }
    cases = _cases(keys)
    runs = {name: case.run for name, case in cases.items()}
    times = interleave({**runs, **FLOORS}, rounds)
    peer = times[PEER]
    result = Result("Signing", ("Links, one thread", "Per CPU s", "Of botocore"))
    for name, each in times.items():
        result.rows.append((name, f"{1 / each.median:,.0f}", f"{peer.ratio_to(each):,.2f}x"))
    result.rows.append(
        (f"KMS calls for {SEGMENTS} segments, with links and with a pass", *_calls())
    )
    result.targets = _targets(times, keys)
    result.notes += [
        "Ours: canned policy, SHA-256, `Hash-Algorithm`. botocore: SHA-1, the only algorithm that "
        "it supports. Private keys are parsed once, before the measurement.",
        "A pass is signed once per folder; each URL in the folder takes one string concatenation.",
    ]
    return result


def _cases(keys: dict[str, Any]) -> dict[str, Case]:
    import rsa as pure
    from signed_content_distribution._shared.cloudfront_links import Links, Terms, with_query
    from signed_content_distribution.links_in_process.key_signer import KeySigner

    private, terms = keys["RSA"], Terms(EXPIRES)
    pkcs1 = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    pure_key = pure.PrivateKey.load_pkcs1(pkcs1)
    compiled = CloudFrontSigner(
        "K", lambda message: private.sign(message, padding.PKCS1v15(), hashes.SHA1())
    )
    slow = CloudFrontSigner("K", lambda message: pure.sign(message, pure_key, "SHA-1"))
    ours = {kind: Links("K", KeySigner(_pem(key))) for kind, key in keys.items()}
    query = ours["ECDSA"].grant(URL.format("*"), terms).query
    return {
        PEER: Case(lambda n: compiled.generate_presigned_url(URL.format(n), MOMENT), 500),
        "botocore, `rsa` (pure Python), RSA-2048": Case(
            lambda n: slow.generate_presigned_url(URL.format(n), MOMENT), 10
        ),
        "**ours, RSA-2048**": Case(lambda n: ours["RSA"].url(URL.format(n), terms), 500),
        "**ours, ECDSA P-256**": Case(lambda n: ours["ECDSA"].url(URL.format(n), terms), 5_000),
        "**ours, with a folder's pass**": Case(lambda n: with_query(URL.format(n), query), 200_000),
    }


def _targets(times: dict[str, Times], keys: Any) -> list[Target]:
    peer, _, own_rsa, own_ecdsa, by_pass, floor_rsa, floor_ecdsa = times.values()
    found = {
        "ECDSA at least 10x botocore": (peer.ratio_to(own_ecdsa), 10),
        "ECDSA at least 0.85x `openssl speed`": (floor_ecdsa.ratio_to(own_ecdsa), 0.85),
        "RSA at least 1.0x botocore": (peer.ratio_to(own_rsa), 1),
        "RSA at least 0.95x `openssl speed`": (floor_rsa.ratio_to(own_rsa), 0.95),
        "pass at least 1,000x botocore": (peer.ratio_to(by_pass), 1_000),
    }
    targets = [
        Target(wanted, f"{value:,.2f}x", value >= minimum)
        for wanted, (value, minimum) in found.items()
    ]
    for kind, key in keys.items():
        pem = _pem(key)
        milliseconds = _load(pem) * 1000
        started = time.process_time()
        load_pem_private_key(pem, None)
        checked = (time.process_time() - started) * 1000
        found_text = f"{milliseconds:.2f} ms; {checked:.2f} ms with all key checks"
        targets.append(Target(f"{kind} key loaded in 1 ms", found_text, milliseconds <= 1))
    return targets


def _load(pem: bytes) -> float:
    from signed_content_distribution.links_in_process.key_signer import KeySigner

    return min(timed(lambda: KeySigner(pem)) for _ in range(20))


def _pem(key: Any) -> bytes:
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem


def _calls() -> tuple[str, str]:
    """Return the number of KMS calls for all segments of a film."""
    from signed_content_distribution._shared.cloudfront_links import KmsSigner, Links, Terms

    asked: list[object] = []

    def sign(**request: object) -> dict[str, bytes]:
        asked.append(request)
        return {"Signature": b"signature"}

    kms: Any = SimpleNamespace(sign=sign)
    links = Links("K", KmsSigner(kms, "arn", "ECDSA_SHA_256"))
    for number in range(SEGMENTS):
        links.url(URL.format(number), Terms(EXPIRES))
    each = len(asked)
    links.grant(URL.format("*"), Terms(EXPIRES))
    return f"{each} and {len(asked) - each}", ""


def _openssl(algorithm: str, line: str) -> float:
    """Return the seconds per signature with the OpenSSL of this machine."""
    text = output("openssl", "speed", "-seconds", "1", algorithm)
    found = next(each for each in text.splitlines() if line in each)
    # Seconds end with s; the first number without s is signatures per second.
    return 1 / float(next(word for word in found.split() if re.fullmatch(r"\d+\.\d+", word)))
