"""Certificates are checked; a CA of one's own can be trusted, and a check be left out for one call."""
import sys
import warnings
import requests

secure, ca = sys.argv[3:5]
warnings.simplefilter('ignore')

session = requests.Session()
try:
    session.get(secure + '/hello')
except requests.exceptions.SSLError:
    print('not trusted')
print('unchecked:', session.get(secure + '/hello', verify=False).status_code)
session.verify = ca
print('checked:', session.get(secure + '/hello').status_code)
