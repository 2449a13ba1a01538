"""Basic credentials: for one call, for a session, or in the URL."""
import sys
import requests
from requests.auth import HTTPBasicAuth

base = sys.argv[1]
inside = base.replace('://', '://user:pass@')

print(requests.get(base + '/basic').status_code)
print(requests.get(base + '/basic', auth=('user', 'pass')).status_code)
print(requests.get(base + '/basic', auth=HTTPBasicAuth('user', 'pass')).status_code)
print(requests.get(inside + '/basic').status_code)

session = requests.Session()
session.auth = ('user', 'pass')
print(session.get(base + '/basic').status_code)
