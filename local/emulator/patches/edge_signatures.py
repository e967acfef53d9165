"""A behavior with trusted key groups requires a signed URL or signed cookies.

Stock 1.5.33 stores key groups and public keys, and serves every viewer.

AWS: "Serve private content with signed URLs and signed cookies". Trusted signers (AWS accounts),
which AWS does not recommend, are ignored. The origin and the cache never see the signature.

ministack has fixed this when tests/emulator/test_edge_signatures.py passes with
`unpatched=("edge_signatures",)`.
"""

import time
from dataclasses import replace
from urllib.parse import urlsplit

from ministack.services import cloudfront

from ..edge import viewer
from ..edge.signed_requests import Refused, ViewerRequest, check, without_signature
from ..edge.viewer import Answer, Viewer
from . import Server


def apply(server: Server) -> None:
    viewer.install()
    viewer.GATES.append(pass_signed)


def pass_signed(request: Viewer) -> Viewer | Answer:
    """Pass a request on without its signature, or refuse it as CloudFront does."""
    keys = _trusted_keys(request)
    if keys is None:
        return request
    try:
        check(_read(request), keys, time.time())
    except Refused as refused:
        headers = {"Content-Type": "application/xml", "X-Cache": "Error from cloudfront"}
        return 403, headers, refused.body
    return replace(request, query=without_signature(request.query))


def _trusted_keys(request: Viewer) -> dict[str, str] | None:
    """Return the trusted keys of a behavior, as PEM by ID; None if it serves everyone."""
    groups = request.setting("TrustedKeyGroups")
    if groups is None or cloudfront._text(groups, "Enabled") != "true":
        return None
    ids = [each.text for each in groups.iter() if cloudfront._local_tag_name(each) == "KeyGroup"]
    members = [key for each in ids for key in cloudfront._key_groups[each]["Config"]["Items"]]
    return {key: cloudfront._public_keys[key]["Config"]["EncodedKey"] for key in members}


def _read(request: Viewer) -> ViewerRequest:
    host = urlsplit(request.url).netloc
    domain = request.distribution["DomainName"]
    pairs = (each.strip().partition("=") for each in request.headers.get("cookie", "").split(";"))
    return ViewerRequest(
        origins=(f"https://{domain}", f"http://{domain}", f"https://{host}", f"http://{host}"),
        path=request.raw_path,
        query=request.query,
        cookies={name: value for name, _equals, value in pairs},
        address=request.address,
    )
