"""Retries belong to an adapter that is mounted for a prefix."""
import sys
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

base = sys.argv[1]

session = requests.Session()
retries = Retry(total=3, backoff_factor=0.05, status_forcelist=[502, 503, 504], allowed_methods={'GET'})
session.mount('http://', HTTPAdapter(max_retries=retries))

response = session.get(base + '/flaky')
print(response.status_code, response.text)
print('retries:', len(response.raw.retries.history))

try:
    session.get(base + '/down')
except requests.exceptions.RetryError:
    print('/down stayed down')
