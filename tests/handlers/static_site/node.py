"""Runs a CloudFront function on Node.js with a table as its key value store."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

RUNNER = """
const vm = require('vm');
const {code, table, events} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const store = {
  get: async (key) => {
    calls += 1;
    if (!Object.hasOwn(table, key)) throw new Error('KeyNotFound');
    return table[key];
  },
};
let calls = 0;
const body = code.replace("import cf from 'cloudfront';", '');
const context = vm.createContext({cf: {kvs: () => store}});
const handler = new vm.Script(body + '; handler').runInContext(context);
(async () => {
  const answers = [];
  for (const event of events) {
    calls = 0;
    answers.push({answer: await handler(event), calls});
  }
  console.log(JSON.stringify(answers));
})();
"""
NODE = shutil.which("node")


def request(path: str, *, cookie: str = "", query: Mapping[str, Any] = {}, **headers: str) -> Any:
    """Return a viewer request event."""
    named = {name.replace("_", "-"): {"value": value} for name, value in headers.items()}
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": "192.0.2.1"},
        "request": {
            "method": "GET",
            "uri": path,
            "querystring": dict(query),
            "headers": {"host": {"value": "example.com"}, **named},
            "cookies": {"language": {"value": cookie}} if cookie else {},
        },
    }


def answers(code: str, table: Mapping[str, str], events: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the result of the function for each event, and how often it read the table."""
    assert NODE, "install Node.js: CloudFront functions are JavaScript"
    given = json.dumps({"code": code, "table": table, "events": list(events)})
    done = subprocess.run([NODE, "-e", RUNNER], input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))
