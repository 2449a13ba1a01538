"""A proxy for a session, and none for one call."""
import sys
import requests

base, proxy = sys.argv[1:3]

session = requests.Session()
session.trust_env = False
session.proxies = {'http': proxy}
print('through the proxy:', session.get('http://somewhere.test/hello').text)
print('directly:', session.get(base + '/hello', proxies={'http': None}).text)
