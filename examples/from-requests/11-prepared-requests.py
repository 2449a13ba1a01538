"""Prepare now, look and change, send later."""
import sys
import requests

base = sys.argv[1]

session = requests.Session()
session.headers['X-App'] = 'demo'
prepared = session.prepare_request(requests.Request('POST', base + '/echo', data={'a': '1'}))
print(prepared.method, prepared.path_url, prepared.body)

prepared.headers['X-Signed'] = 'yes'
sent = session.send(prepared, timeout=5).json()
print(sent['body'], [value for name, value in sent['headers'] if name.lower() in ('x-app', 'x-signed')])
