"""Two sessions know nothing of each other."""
import sys
import requests

base = sys.argv[1]

ada, bob = requests.Session(), requests.Session()
ada.post(base + '/login', data={'user': 'ada', 'password': 'lovelace'})
bob.post(base + '/login', data={'user': 'bob', 'password': 'kahn'})
for name, session in (('ada', ada), ('bob', bob), ('nobody', requests.Session())):
    page = session.get(base + '/account')
    print('%s: %d %s' % (name, page.status_code, page.text))
