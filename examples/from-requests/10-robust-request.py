"""What can go wrong, and how it is told apart."""
import sys
import requests

base = sys.argv[1]


def fetch(url):
    try:
        response = requests.get(url, timeout=0.3)
        response.raise_for_status()
        return 'got %s' % response.json()['hello']
    except requests.exceptions.HTTPError as error:
        return 'the server refused: %d' % error.response.status_code
    except requests.exceptions.ConnectTimeout:
        return 'no connection in time'
    except requests.exceptions.ReadTimeout:
        return 'no answer in time'
    except requests.exceptions.JSONDecodeError:
        return 'that is no JSON'
    except requests.exceptions.ConnectionError:
        return 'no connection'
    except requests.exceptions.MissingSchema:
        return 'that is no URL'


for url in (base + '/json', base + '/missing', base + '/slow', base + '/hello', 'http://127.0.0.1:1/', 'nowhere'):
    print(fetch(url))
