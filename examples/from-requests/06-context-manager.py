"""The session closes its connections when the block ends."""
import sys
import requests

base = sys.argv[1]

with requests.Session() as session:
    print('inside:', session.get(base + '/account').status_code)
print('closed')
