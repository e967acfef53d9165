"""Bring failed records back: `python -m tools.replay --bucket B --function F [--dry-run]`.

Each object of a consumer's failure bucket goes to its function again, not into the stream, where
other consumers would get it a second time. It leaves the bucket once the function has taken all
its records: an interruption repeats records, as the stream itself does, and loses none.
"""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from .failures import Failures


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when everything was taken, else 1 with a line for each that stays."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.replay",
        description="Hand the records to a function again that Lambda gave up on.",
    )
    parser.add_argument("--bucket", required=True, help="a consumer's output failuresBucketName")
    parser.add_argument("--function", required=True, help="a consumer's output functionName")
    parser.add_argument("--dry-run", action="store_true", help="only count")
    options = parser.parse_args(arguments)
    try:
        failures = Failures(options.bucket, options.function)
        keys = list(failures.keys())
        if options.dry_run:
            print(f"{len(keys)} objects wait")
            return 0
        done = sum(map(failures.send_again, keys))
    except (ClientError, BotoCoreError) as error:
        print(f"replay: {error}", file=sys.stderr)
        return 1
    print(f"{done} of {len(keys)} objects taken")
    return 0 if done == len(keys) else 1


if __name__ == "__main__":
    sys.exit(main())
