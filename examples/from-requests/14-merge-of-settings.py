"""What a call gives is laid over the session's settings; None removes."""
import sys
import requests

base = sys.argv[1]


def show(response):
    sent = response.json()
    own = sorted('%s: %s' % (name.lower(), value) for name, value in sent['headers'] if name.lower().startswith('x-'))
    print(sent['target'], own)


session = requests.Session()
session.headers['X-A'] = 'session'
session.headers['X-B'] = 'session'
session.params = {'page': '1', 'lang': 'en'}

show(session.get(base + '/echo'))
show(session.get(base + '/echo', headers={'x-b': 'call'}, params={'page': '2'}))
show(session.get(base + '/echo', headers={'X-A': None}, params={'lang': None}))
show(session.get(base + '/echo'))
