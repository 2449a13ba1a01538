"""Runs the Python half of the differential cases: one JSON line in, one JSON line out, until stdin ends."""
import collections, io, json, os, sys, tempfile, time, warnings, logging, threading, pickle

warnings.simplefilter('ignore')
logging.disable(logging.CRITICAL)
import requests
import requests.adapters, requests.auth, requests.cookies
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from urllib3.util import Retry

X = requests.exceptions
FAMILIES = [
    (X.ConnectTimeout, 'timeout:connect'),
    (X.ReadTimeout, 'timeout:headers'),
    (X.TooManyRedirects, 'too-many-redirects'),
    (X.InvalidProxyURL, 'invalid-url'),
    (X.InvalidHeader, 'invalid-header'),
    (X.MissingSchema, 'invalid-url'),
    (X.InvalidURL, 'invalid-url'),
    (X.InvalidSchema, 'invalid-scheme'),
    (X.SSLError, 'tls'),
    (X.ProxyError, 'proxy'),
    (X.RetryError, 'retries-exhausted'),
    (X.ChunkedEncodingError, 'incomplete-body'),
    (X.ContentDecodingError, 'decoding'),
    (X.UnrewindableBodyError, 'unreplayable'),
    (X.InvalidJSONError, 'json'),
    (X.HTTPError, 'http-status'),
    (X.ConnectionError, 'connection'),
]


def family_of(error):
    for kind, family in FAMILIES:
        if isinstance(error, kind):
            return family
    return type(error).__name__ if isinstance(error, X.RequestException) else 'leak:' + type(error).__name__


def seen(r):
    return {'status': r.status_code, 'finalUrl': r.url, 'history': [h.status_code for h in r.history], 'body': r.text}


def failure(operation):
    try:
        result = operation()
    except Exception as error:
        return family_of(error)
    return 'none: %d' % result.status_code if isinstance(result, requests.Response) else 'none'


def run(job):
    names = dict(globals())
    names.update(job['names'])
    names['F'] = lambda name: job['paths'][name]
    names['out'] = None
    before = dict(os.environ)
    for name in list(os.environ):
        if name.lower().endswith('_proxy') or name in ('REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NETRC', 'REQUEST_METHOD'):
            del os.environ[name]
    os.environ['NETRC'] = os.devnull
    os.environ.update(job['env'])
    try:
        exec(compile(job['code'], job['id'], 'exec'), names)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return names['out']


print(json.dumps({'python': '%d.%d' % sys.version_info[:2], 'requests': requests.__version__, 'urllib3': urllib3.__version__}), flush=True)
for line in sys.stdin:
    try:
        answer = {'outcome': run(json.loads(line))}
    except Exception as error:
        import traceback
        answer = {'crash': traceback.format_exc()}
    print(json.dumps(answer), flush=True)
