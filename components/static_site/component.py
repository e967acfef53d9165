"""StaticSite: pages of a folder at the edge of AWS's network, with APIs and buckets beside them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.distribution import (
    ALL_BUT_HOST,
    WRITE,
    Distribution,
    DistributionArgs,
    behavior,
    bucket_access,
    bucket_origin,
    check_edge,
    custom_origin,
)
from .._blocks.function import FunctionsArgs, check_functions
from .._blocks.validate import Problems
from .content import SiteFile, site_files
from .edge_function import EdgeFunctionArgs, check_edge_functions, create_edge_functions
from .edge_headers import ResponseHeadersArgs, check_edge_headers, create_edge_headers
from .monitoring import create_site_alarms, create_site_dashboard
from .origins import split_url
from .pages_function import check_site_function, create_site_function, create_site_keys, site_code
from .path_table import check_site_table, site_table
from .sync import invalidate, upload
from .uploads import SiteUploadsArgs, check_uploads, uploads_behaviors

_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class StaticSiteArgs(TypedDict):
    content: str
    """Folder of the pages, relative to the program: `site/blog`."""
    assets: NotRequired[str]
    """Part of the content whose files get a digest in their names, and pages that name them as
    `/assets/site.css` that name: `assets/`. Default: none; names that hold a digest already are
    known by it."""
    languages: NotRequired[Sequence[str]]
    """Languages of the site, a folder each, the default first; `/` leads to the visitor's. Default:
    none."""
    routes: NotRequired[Mapping[str, str]]
    """Pages that answer for all paths below a folder: `{"/posts/*": "/post.html"}`; a single-page
    app has `{"/*": "/index.html"}`. Default: none."""
    redirects: NotRequired[Mapping[str, str]]
    """Where paths went: `{"/old": "/new/"}`. Default: none."""
    apis: NotRequired[Mapping[str, pulumi.Input[str]]]
    """APIs by the first part of their paths: `{"api": api.url}` for `/api/*`. The URL must end with
    the same: give the `ServerlessApi` a `stage_name`. Default: none."""
    buckets: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Regional domain names of private buckets by the first part of their keys:
    `{"img": photos.images_bucket_domain_name}` for `/img/*`. Their policies must admit
    `distribution_arn`. Default: none."""
    uploads: NotRequired[Mapping[str, SiteUploadsArgs]]
    """Private buckets that signed URLs may PUT to, by the first part of their keys:
    `{"uploads": {"bucket_domain_name": ..., "key_group_id": ...}}`. See `SiteUploadsArgs`.
    Default: none."""
    origins: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Domain names of HTTPS servers by the first part of their paths; nothing of theirs is kept.
    Default: none."""
    edge_functions: NotRequired[Mapping[str, EdgeFunctionArgs]]
    """Lambda@Edge functions of pages by event, `origin-request` or `origin-response`:
    `{"origin-response": {"code": "functions/stamp"}}`. They outlive the stack: see docs/sites.md.
    Default: none."""
    distribution: NotRequired[DistributionArgs]
    """See `DistributionArgs`. Default: CloudFront's name, all its locations, logs for 30 days."""
    response_headers: NotRequired[ResponseHeadersArgs]
    """See `ResponseHeadersArgs`. Default: the strictest for a site that loads no other origin."""
    functions: NotRequired[FunctionsArgs]
    """How the function runs that invalidates. Default: arm64, Python 3.13, logs for 30 days."""
    retain_data: NotRequired[bool]
    """Whether the bucket refuses to be deleted with its content. Default: false, as all of it comes
    from `content`."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms of the function. Default: none."""
    distribution_alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms of the distribution; in us-east-1, where its metrics are. Default:
    none."""


class StaticSite(pulumi.ComponentResource):
    """CloudFront -> function at the edge -> private bucket of pages; other buckets, APIs, servers.

    Default settings: HTTP/2 and 3, IPv6, HTTPS only, TLS 1.2 or newer with a name of one's own;
    text compressed; headers that forbid frames, foreign scripts and guessing of types; names with a
    digest are kept for ever, pages are asked for each time by browsers and kept by the edge until
    they change; uploads in an order that never leaves a page without what it names; paths that are
    not there answer 404 with `404.html` while an API's errors stay its own; access logs without
    addresses; alarms and a dashboard.
    """

    url: pulumi.Output[str]
    """Address of the site, without a slash at its end."""
    bucket_name: pulumi.Output[str]
    """Bucket of the pages."""
    distribution_id: pulumi.Output[str]
    """ID of the distribution."""
    distribution_arn: pulumi.Output[str]
    """ARN of the distribution, for policies of buckets that it serves."""
    distribution_domain_name: pulumi.Output[str]
    """CloudFront's own name of the site."""

    def __init__(
        self, name: str, args: StaticSiteArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:StaticSite", name, {}, opts)
        self._name, self._args = name, args
        self._files, self._table, self._code = _check(name, args)
        self._opts = pulumi.ResourceOptions(parent=self)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

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
            retain=self._args.get("retain_data", False),
            has_policy=False,
        )

    def _create_distribution(self) -> Distribution:
        headers = create_edge_headers(
            self._name, self._args.get("response_headers", {}), parent=self
        )
        access = bucket_access(self._name, parent=self)
        origins = [bucket_origin("content", self._bucket.domain_name, access)]
        behaviors = [self._page_behavior(headers)]
        for prefix in [self._args["assets"].strip("/")] if self._args.get("assets") else []:
            behaviors.append(behavior("content", f"/{prefix}/*", headers_policy_id=headers))
        for prefix, domain_name in self._args.get("buckets", {}).items():
            origins.append(bucket_origin(prefix, domain_name, access))
            behaviors.append(behavior(prefix, f"/{prefix}/*", headers_policy_id=headers))
        uploads = self._args.get("uploads", {})
        for prefix, bucket in uploads.items():
            origins.append(bucket_origin(prefix, bucket["bucket_domain_name"], access))
        behaviors += uploads_behaviors(self._name, uploads, headers, parent=self)
        policy = self._create_api_policy() if self._served else ""
        for prefix, (host, path) in self._served.items():
            origins.append(custom_origin(prefix, host, path))
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
            args=self._args.get("distribution", {}),
        )

    def _page_behavior(self, headers_policy_id: pulumi.Output[str]) -> dict[str, Any]:
        functions, python = self._args.get("edge_functions", {}), _python(self._args)
        return behavior(
            "content",
            headers_policy_id=headers_policy_id,
            on_request=self._function_arn,
            at_origin=create_edge_functions(self._name, functions, python, parent=self),
        )

    @property
    def _served(self) -> dict[str, tuple[pulumi.Input[str], pulumi.Input[str]]]:
        """Host and path of each API and server, by prefix."""
        apis = {prefix: _place(prefix, url) for prefix, url in self._args.get("apis", {}).items()}
        return {**apis, **{key: (host, "") for key, host in self._args.get("origins", {}).items()}}

    def _create_api_policy(self) -> pulumi.Output[str]:
        """Answers are kept as their origin says, and for each `Authorization` apart."""
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
            self._name, self._store_arn, self._table, parent=self, after=uploaded
        )
        invalidate(
            self._name,
            self._distribution,
            self._files,
            parent=self,
            settings=self._args.get("functions", {}),
            alarms=self._alarms,
            after=[*uploaded, keys],
        )

    def _create_monitoring(self) -> None:
        alarms = Alarms(
            self._name, self, self._args.get("distribution_alarm_topic_arn"), "us-east-1"
        )
        create_site_alarms(alarms, self._distribution, self._function_name)
        arns = [*self._alarms.arns, *alarms.arns]
        create_site_dashboard(self._name, self, self._distribution, self._bucket, arns)

    @property
    def _function_name(self) -> pulumi.Output[str]:
        return self._function_arn.apply(lambda arn: arn.rsplit("/", 1)[-1])


def _place(prefix: str, url: pulumi.Input[str]) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Host of an API, and what stands in its URL before the prefix."""
    found = pulumi.Output.from_input(url).apply(lambda url: split_url(prefix, url))
    return found[0], found[1]


def _python(args: StaticSiteArgs) -> str:
    return args.get("functions", {}).get("python", "3.13")


def _check(name: str, args: StaticSiteArgs) -> tuple[list[SiteFile], dict[str, str], str]:
    """Refuse bad arguments; the files, the table of paths and the function's code otherwise."""
    problems = Problems("StaticSite", name)
    problems.unknown(args, StaticSiteArgs.__annotations__)
    assets = args.get("assets", "").strip("/")
    files: list[SiteFile] = []
    try:
        files = site_files(args.get("content", ""), assets and f"{assets}/")
        problems.that(bool(files), "content", f"'{args['content']}' holds no files")
    except ValueError as error:
        problems.that(False, "content", str(error))
    _check_prefixes(problems, args, assets)
    languages = list(args.get("languages", ()))
    for each in languages:
        index = any(file.key == f"{each}/index.html" for file in files)
        problems.that(index, "languages", f"there is no '{each}/index.html' in the content")
        fine = _LANGUAGE.fullmatch(each) is not None
        problems.that(fine, "languages", f"'{each}' is no code such as 'en'")
    table = site_table(
        files,
        args.get("routes", {}),
        args.get("redirects", {}),
        [f"{assets}/"] if assets else [],
    )
    check_site_table(problems, table, files, args.get("routes", {}))
    domain: Mapping[str, Any] = args.get("distribution", {}).get("domain", {})
    code = site_code(str(domain.get("name", "")), languages, files)
    check_site_function(problems, code)
    check_edge(problems, args.get("distribution"))
    check_edge_headers(problems, args.get("response_headers"))
    check_functions(problems, args.get("functions", {}))
    check_uploads(problems, args.get("uploads", {}))
    check_edge_functions(problems, args.get("edge_functions", {}), _python(args))
    problems.report()
    return files, table, code


def _check_prefixes(problems: Problems, args: StaticSiteArgs, assets: str) -> None:
    taken = [assets, *args.get("languages", ())]
    for key in ("apis", "buckets", "uploads", "origins"):
        prefixes: Any = args.get(key, {})
        for prefix in prefixes:
            fine = _PREFIX.fullmatch(prefix) is not None and prefix != "content"
            problems.that(fine, key, f"'{prefix}' cannot be a first part of a path here")
            problems.that(prefix not in taken, key, f"'/{prefix}/' is taken already")
            taken.append(prefix)
