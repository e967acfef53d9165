"""StaticSite: a CloudFront distribution of the pages in a folder, of APIs and of other buckets."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.alarms import Alarms
from .._blocks.arguments import Matches, Problems, declare
from .._blocks.bucket import Bucket
from .._blocks.distribution import (
    ALL_BUT_HOST,
    WRITE,
    Distribution,
    DistributionArgs,
    behavior,
    bucket_access,
    bucket_origin,
    custom_origin,
)
from .._blocks.domain_name import DOMAIN_NAME
from .._blocks.edge_domain import REGION
from .._blocks.function import FunctionsArgs
from .._blocks.origin_secret import check_origin_secret, origin_secret
from .content import SiteFile, site_files
from .edge_function import EdgeFunctionArgs, check_edge_functions, create_edge_functions
from .edge_headers import ResponseHeadersArgs, create_edge_headers
from .encoding import encoded
from .monitoring import create_site_alarms, create_site_dashboard
from .origins import api_origin, check_apis
from .pages_function import check_site_function, create_site_function, create_site_keys, site_code
from .path_table import check_site_table, site_table
from .sync import invalidate, upload
from .uploads import SiteUploadsArgs, uploads_behaviors

_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,64}")


class StaticSiteArgs(TypedDict):
    content: str
    """Folder of the pages, relative to the program: `site/blog`."""
    assets: NotRequired[str]
    """Subfolder of the content whose files get a digest in their names: `assets/`. References to
    them, such as `/assets/site.css`, are rewritten in all text files that are UTF-8. Pages keep
    their names. Default: none; file names that already contain a digest are recognized."""
    media_types: NotRequired[Mapping[str, str]]
    """Media types (`Content-Type`) that differ from the standard, by extension or by key:
    `{".glb": "model/gltf-binary", "feed": "application/rss+xml"}`. Default: none; Python's table
    of media types without the machine's own, and `application/octet-stream` for the rest."""
    external_files: NotRequired[Sequence[str]]
    """Keys of files that the program itself writes to `bucket_name`, because their content is known
    only after the site: `["config.json"]`. Set their `Cache-Control`. Default: none."""
    languages: NotRequired[Sequence[str]]
    """Languages of the site, a folder each, the default first: `["en", "de"]`. `/` redirects to the
    visitor's language. Default: none."""
    routes: NotRequired[Mapping[str, str]]
    """Pages to serve for all paths below a folder: `{"/posts/*": "/post.html"}`; for a single-page
    app `{"/*": "/index.html"}`. Default: none."""
    redirects: NotRequired[Mapping[str, str]]
    """Paths to redirect: `{"/old": "/new/"}`. Default: none."""
    apis: NotRequired[Mapping[str, pulumi.Input[str]]]
    """URLs of APIs by the first segment of their paths: `{"api": api.url}` for `/api/*`. The URL
    must end with the same segment: set the `stage_name` of the `ServerlessApi`. Default: none."""
    api_secrets: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Secrets that the distribution sends to APIs in the header `x-origin-secret`, by the keys of
    `apis`: `{"api": secret}`. 32 to 128 ASCII characters, as one of the `origin_secrets` of the
    `ServerlessApi`. Default: none."""
    buckets: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Regional domain names of private buckets by the first segment of their keys:
    `{"img": photos.images_bucket_domain_name}` for `/img/*`. Their policies must allow reads by
    `distribution_arn`. Default: none."""
    uploads: NotRequired[Mapping[str, SiteUploadsArgs]]
    """Private buckets that accept PUT requests by signed URLs, by the first segment of their keys:
    `{"uploads": {"bucket_domain_name": ..., "key_group_id": ...}}`. Default: none."""
    origins: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Domain names of HTTPS servers by the first segment of their paths: `{"shop":
    "shop.example.com"}`. Responses are cached only as their headers say. Default: none."""
    edge_functions: NotRequired[Mapping[str, EdgeFunctionArgs]]
    """Lambda@Edge functions of the pages by event, `origin-request` or `origin-response`:
    `{"origin-response": {"code": "functions/stamp"}}`. They are not deleted with the stack: see
    docs/sites.md. Default: none."""
    distribution: NotRequired[DistributionArgs]
    """Settings of the CloudFront distribution. Default: CloudFront's domain name, all edge
    locations, 30 days of logs."""
    response_headers: NotRequired[ResponseHeadersArgs]
    """Security headers of all responses. Default: the strictest for a site that loads nothing from
    other origins."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the function that invalidates. Default: arm64, Python 3.13, 30 days of logs."""
    retain_data: NotRequired[bool]
    """Whether the bucket is protected from deletion. Default: false, since all of its objects come
    from `content`."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""
    distribution_alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of an SNS topic in us-east-1 to notify of alarms on CloudFront. Default: none."""


declare(
    StaticSiteArgs,
    defaults={
        "assets": "",
        "media_types": {},
        "external_files": [],
        "languages": [],
        "routes": {},
        "redirects": {},
        "apis": {},
        "api_secrets": {},
        "buckets": {},
        "uploads": {},
        "origins": {},
        "edge_functions": {},
        "distribution": {},
        "response_headers": {},
        "functions": {},
        "retain_data": False,
    },
    limits={
        "external_files": Matches("[^/].*", "a key without a leading slash such as 'config.json'"),
        "media_types": Matches(r"[\w.+-]+/[\w.+-]+(;.*)?", "a media type such as 'text/plain'"),
        "languages": Matches("[a-z]{2,3}", "a language code such as 'en'"),
        "buckets": DOMAIN_NAME,
        "origins": DOMAIN_NAME,
    },
)


class StaticSite(pulumi.ComponentResource):
    """CloudFront -> CloudFront Function -> private bucket of pages; other buckets, APIs, servers.

    Default settings: HTTP/2 and HTTP/3, IPv6, HTTPS only, TLS 1.2 or newer with a custom domain
    name; text is compressed; response headers forbid frames, scripts of other origins and content
    sniffing. Browsers cache files with a digest in their names without expiry and revalidate pages
    on each request; CloudFront caches pages until they change. Files are uploaded before the pages
    that refer to them. Missing pages return 404 with `404.html`, missing assets and files of
    `buckets` 403; errors of an API are passed through. Access logs without IP addresses, alarms and
    a dashboard are included.
    """

    url: pulumi.Output[str]
    """URL of the site, without a trailing slash."""
    bucket_name: pulumi.Output[str]
    """Name of the bucket of pages."""
    distribution_id: pulumi.Output[str]
    """ID of the distribution."""
    distribution_arn: pulumi.Output[str]
    """ARN of the distribution, for the policies of buckets that it serves."""
    distribution_domain_name: pulumi.Output[str]
    """Domain name that CloudFront assigned to the distribution."""

    def __init__(
        self, name: str, args: StaticSiteArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:StaticSite", name, {}, opts)
        self._name = name
        self._args, self._files, self._table, self._code = _read(name, args)
        self._opts = pulumi.ResourceOptions(parent=self)
        self._alarms = Alarms(name, self, self._args.get("alarm_topic_arn"))

        self._bucket = self._create_bucket()
        self._function_arn, self._store_arn = create_site_function(name, self._code, parent=self)
        self._distribution = self._create_distribution()
        self._bucket.create_policy("", ["s3:GetObject"], self._distribution.arn)
        self._publish()
        self._create_monitoring()
        outputs = {
            "url": self._distribution.url,
            "bucket_name": self._bucket.bucket_name,
            "distribution_id": self._distribution.id,
            "distribution_arn": self._distribution.arn,
            "distribution_domain_name": self._distribution.domain_name,
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def _create_bucket(self) -> Bucket:
        return Bucket(
            f"{self._name}-content",
            parent=self,
            retain=self._args["retain_data"],
            versioned=True,
            has_policy=False,
        )

    def _create_distribution(self) -> Distribution:
        headers = create_edge_headers(self._name, self._args["response_headers"], parent=self)
        access = bucket_access(self._name, parent=self)
        origins = [bucket_origin("content", self._bucket.domain_name, access)]
        behaviors = [self._page_behavior(headers)]
        assets = _assets(self._args)
        if assets:
            behaviors.append(behavior("content", f"/{assets}*", headers_policy_id=headers))
        for prefix, domain_name in self._args["buckets"].items():
            origins.append(bucket_origin(prefix, domain_name, access))
            behaviors.append(behavior(prefix, f"/{prefix}/*", headers_policy_id=headers))
        uploads = self._args["uploads"]
        for prefix, bucket in uploads.items():
            origins.append(bucket_origin(prefix, bucket["bucket_domain_name"], access))
        behaviors += uploads_behaviors(self._name, uploads, headers, parent=self)
        servers = self._servers()
        policy = self._create_api_policy() if servers else ""
        for prefix, (host, path) in servers.items():
            origins.append(custom_origin(prefix, host, path, self._secret(prefix)))
            behaviors.append(
                behavior(
                    prefix,
                    f"/{prefix}/*",
                    headers_policy_id=headers,
                    methods=WRITE,
                    cache_policy_id=policy,
                    origin_request_policy_id=ALL_BUT_HOST,
                )
            )
        return Distribution(
            self._name,
            parent=self,
            origins=origins,
            behaviors=behaviors,
            args=self._args["distribution"],
            uploads=list(uploads),
        )

    def _page_behavior(self, headers_policy_id: pulumi.Output[str]) -> dict[str, Any]:
        functions, python = self._args["edge_functions"], self._args["functions"]["python"]
        return behavior(
            "content",
            headers_policy_id=headers_policy_id,
            viewer_request_function_arn=self._function_arn,
            edge_function_arns=create_edge_functions(self._name, functions, python, parent=self),
        )

    def _servers(self) -> dict[str, tuple[pulumi.Input[str], pulumi.Input[str]]]:
        """Host and origin path of each API and server, by prefix."""
        apis = {
            prefix: api_origin(self._name, prefix, url)
            for prefix, url in self._args["apis"].items()
        }
        return {**apis, **{prefix: (host, "") for prefix, host in self._args["origins"].items()}}

    def _secret(self, prefix: str) -> Optional[pulumi.Output[str]]:
        """The secret header of an API, if it has one."""
        secret = self._args["api_secrets"].get(prefix)
        if secret is None:
            return None
        return origin_secret(f"StaticSite '{self._name}'", f'api_secrets["{prefix}"]', secret)

    def _create_api_policy(self) -> pulumi.Output[str]:
        """Create the policy that caches as the headers of responses say, by `Authorization`."""
        policy = aws.cloudfront.CachePolicy(
            f"{self._name}-api",
            min_ttl=0,
            default_ttl=0,
            max_ttl=86_400,
            parameters_in_cache_key_and_forwarded_to_origin={
                "cookies_config": {"cookie_behavior": "none"},
                "headers_config": {
                    "header_behavior": "whitelist",
                    "headers": {"items": ["Authorization", "Accept-Language", "Origin"]},
                },
                "query_strings_config": {"query_string_behavior": "all"},
                "enable_accept_encoding_brotli": True,
                "enable_accept_encoding_gzip": True,
            },
            opts=self._opts,
        )
        return policy.id

    def _publish(self) -> None:
        uploaded = upload(f"{self._name}-file", self._bucket, self._files, parent=self)
        keys = create_site_keys(
            self._name, self._store_arn, self._table, parent=self, depends_on=[*uploaded.values()]
        )
        invalidate(
            self._name,
            self._distribution,
            self._files,
            uploaded,
            self._args["routes"],
            parent=self,
            settings=self._args["functions"],
            alarms=self._alarms,
            depends_on=[*uploaded.values(), keys],
        )

    def _create_monitoring(self) -> None:
        alarms = Alarms(self._name, self, self._args.get("distribution_alarm_topic_arn"), REGION)
        create_site_alarms(alarms, self._distribution, self._function_name)
        arns = [*self._alarms.arns, *alarms.arns]
        create_site_dashboard(self._name, self, self._distribution, self._bucket, arns)

    @property
    def _function_name(self) -> pulumi.Output[str]:
        return self._function_arn.apply(lambda arn: arn.rsplit("/", 1)[-1])


def _assets(args: StaticSiteArgs) -> str:
    """Prefix of the keys of assets: `assets/`; empty for none."""
    folder = args["assets"].strip("/")
    return folder and f"{folder}/"


def _host(args: StaticSiteArgs) -> str:
    """The custom domain name; empty for none."""
    domain: Mapping[str, Any] = args["distribution"].get("domain", {})
    return str(domain.get("name", ""))


def _read(
    name: str, given: StaticSiteArgs
) -> tuple[StaticSiteArgs, list[SiteFile], dict[str, str], str]:
    """Read the arguments: with the files, the table of paths and the code of the function."""
    problems = Problems("StaticSite", name)
    args = problems.read(StaticSiteArgs, given)
    files = _read_files(problems, args)
    _check_prefixes(problems, args)
    for number, language in enumerate(args["languages"]):
        index = f"{language}/index.html"
        found = any(file.key == index for file in files)
        problems.unless(found, f"languages[{number}]", f"requires '{index}' in `content`")
    assets = _assets(args)
    for key in args["external_files"]:
        missing = not any(file.key == key for file in files)
        problems.unless(missing, "external_files", f"'{key}' is a file of `content`")
    table = site_table(files, args["routes"], args["redirects"], [assets] if assets else [])
    table |= {f"/{key}": encoded(f"/{key}") for key in args["external_files"]}
    check_site_table(problems, table, files, args["routes"])
    code = site_code(_host(args), args["languages"], files)
    check_site_function(problems, code)
    check_apis(problems, args["apis"])
    for prefix, secret in args["api_secrets"].items():
        path = f'api_secrets["{prefix}"]'
        problems.unless(prefix in args["apis"], path, "is not a key of `apis`")
        check_origin_secret(problems, path, secret)
    check_edge_functions(problems, args["edge_functions"], args["functions"]["python"])
    problems.report()
    return args, files, table, code


def _read_files(problems: Problems, args: StaticSiteArgs) -> list[SiteFile]:
    try:
        files = site_files(
            args["content"], _assets(args), media_types=args["media_types"], host=_host(args)
        )
    except ValueError as error:
        problems.add("content", str(error))
        return []
    problems.unless(bool(files), "content", f"'{args['content']}' contains no files")
    return files


def _check_prefixes(problems: Problems, args: StaticSiteArgs) -> None:
    taken = [_assets(args).strip("/"), *args["languages"]]
    for key in ("apis", "buckets", "uploads", "origins"):
        prefixes: Any = dict(args)[key]
        for prefix in prefixes:
            valid = _PREFIX.fullmatch(prefix) is not None and prefix != "content"
            path = f'{key}["{prefix}"]'
            problems.unless(valid, path, "must be one path segment such as 'api', not 'content'")
            problems.unless(prefix not in taken, path, f"'/{prefix}/' is already in use")
            taken.append(prefix)
