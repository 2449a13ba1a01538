"""Headers, credentials and a time limit for every request. A requests.Session has no timeout: each call repeats it."""
import sys
import requests

base = sys.argv[1]

session = requests.Session()
session.headers.update({'User-Agent': 'MyApp/1.0', 'Accept': 'application/json'})
session.auth = ('user', 'pass')

sent = session.get(base + '/echo', timeout=(3, 10)).json()
headers = {name.lower(): value for name, value in sent['headers']}
for name in ('user-agent', 'accept', 'authorization'):
    print(name + ':', headers[name])

try:
    session.get(base + '/slow', timeout=0.2)
except requests.exceptions.ReadTimeout:
    print('the server was too slow')
