"""Writes urllib3-retry.json: what urllib3's own Retry decides, driven as its connection pool drives it.

    python3 urllib3-retry.py > urllib3-retry.json
"""

import json
import random
import time

from urllib3 import HTTPResponse, __version__
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, ProtocolError, SSLError
from urllib3.util.retry import Retry

ERRORS = {
    "connect-error": ConnectTimeoutError("no connection"),
    "read-error": ProtocolError("connection broken"),
    "other-error": SSLError("bad certificate"),
}

LUCK = 0.25
slept = 0.0


def sleep(seconds):
    global slept
    slept += seconds


def follow(options, outcomes):
    """The decision after each outcome, until the first that ends the call. HTTPConnectionPool.urlopen, step by step."""
    global slept
    retries = Retry(**options)
    decisions = []
    for outcome in outcomes:
        slept = 0.0
        kind, method = outcome["kind"], outcome["method"]
        if kind in ERRORS:
            try:
                retries = retries.increment(method, "/", error=ERRORS[kind])
            except MaxRetryError:
                return decisions + [{"retry": False, "reason": "exhausted", "raise": True}]
            except Exception:
                return decisions + [{"retry": False, "reason": "not-retryable", "raise": True}]
            retries.sleep()
        else:
            headers = {}
            if "retryAfter" in outcome:
                headers["Retry-After"] = str(outcome["retryAfter"] // 1000)
            if kind == "redirect":
                headers["Location"] = "/next"
            response = HTTPResponse(status=outcome["status"], headers=headers)
            if kind == "redirect":
                raises = retries.raise_on_redirect
            elif retries.is_retry(method, response.status, bool(headers.get("Retry-After"))):
                raises = retries.raise_on_status
            else:
                return decisions + [{"retry": False, "reason": "not-retryable", "raise": False}]
            try:
                retries = retries.increment(method, "/", response=response)
            except MaxRetryError:
                return decisions + [{"retry": False, "reason": "exhausted", "raise": raises}]
            if kind == "redirect":
                retries.sleep_for_retry(response)
            else:
                retries.sleep(response)
        left = [getattr(retries, name) for name in ("total", "connect", "read", "redirect", "status", "other")]
        decisions.append({"retry": True, "delay": slept * 1000, "left": left})
    return decisions


def some_options(dice):
    choices = {
        "total": [None, False, 0, 1, 2, 3, 10],
        "connect": [None, False, 0, 1, 2],
        "read": [None, False, 0, 1, 2],
        "redirect": [None, False, 0, 1, 2],
        "status": [None, 0, 1, 2],
        "other": [None, 0, 1, 2],
        "allowed_methods": [None, [], ["POST"], ["GET", "POST"]],
        "status_forcelist": [[500, 503], [429], [404, 413, 429, 500, 502, 503, 504]],
        "backoff_factor": [0.1, 0.5, 1, 3],
        "backoff_max": [0, 1, 5],
        "backoff_jitter": [0.5, 2],
        "raise_on_redirect": [False],
        "raise_on_status": [False],
        "respect_retry_after_header": [False],
        "retry_after_max": [0, 5, 100],
    }
    # Most options stay at their defaults, so that the defaults are what is tested most.
    return {name: dice.choice(values) for name, values in choices.items() if dice.random() < 0.35}


def some_outcome(dice):
    kind = dice.choice(["response", "response", "response", "redirect", *ERRORS])
    outcome = {"kind": kind, "method": dice.choice(["GET", "GET", "GET", "POST", "put"])}
    if kind in ERRORS:
        return outcome
    outcome["status"] = 302 if kind == "redirect" else dice.choice([200, 404, 413, 429, 429, 500, 500, 503, 503, 503])
    if dice.random() < 0.4:
        outcome["retryAfter"] = 1000 * dice.choice([0, 1, 7, 30, 30_000])
    return outcome


def main():
    random.random = lambda: LUCK
    time.sleep = sleep
    dice = random.Random(7)
    cases = [({"backoff_factor": 1}, [{"kind": "connect-error", "method": "POST"}] * 12)]
    for _ in range(300):
        cases.append((some_options(dice), [some_outcome(dice) for _ in range(8)]))
    rows = []
    for options, outcomes in cases:
        decisions = follow(options, outcomes)
        rows.append({"options": options, "outcomes": outcomes[: len(decisions)], "decisions": decisions})
    print(f'{{"urllib3": "{__version__}", "luck": {LUCK}, "cases": [')
    print(",\n".join(json.dumps(row, separators=(",", ":")) for row in rows))
    print("]}")


main()
