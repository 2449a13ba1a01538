"""A hook sees every response."""
import sys
import requests

base = sys.argv[1]


def log(response, **kwargs):
    print(response.status_code, response.request.path_url)


session = requests.Session()
session.hooks['response'].append(log)
session.get(base + '/old')
