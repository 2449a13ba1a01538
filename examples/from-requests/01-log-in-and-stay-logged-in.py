"""Log in once; the session keeps the cookie."""
import sys
import requests

base = sys.argv[1]

with requests.Session() as session:
    session.post(base + '/login', data={'user': 'ada', 'password': 'lovelace'})
    page = session.get(base + '/account')
    print(page.status_code, page.text)
    print('cookies:', ', '.join(session.cookies.keys()))
