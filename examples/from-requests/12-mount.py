"""Another adapter for some URLs: here one that answers without a network."""
import io
import sys
import requests

base = sys.argv[1]


class Canned(requests.adapters.BaseAdapter):
    def send(self, request, **kwargs):
        response = requests.Response()
        response.status_code = 200
        response.url = request.url
        response.request = request
        response.raw = io.BytesIO(b'canned answer')
        return response

    def close(self):
        pass


session = requests.Session()
session.mount('http://api.test/', Canned())
print(session.get('http://api.test/anything').text)
print(session.get(base + '/hello').text)
