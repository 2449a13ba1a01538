"""A session keeps its connection; without one each request makes its own."""
import sys
import time
import requests

base = sys.argv[1]
TURNS = 20


def timed(name, get):
    start = time.perf_counter()
    used = {get(base + '/connection').text for _ in range(TURNS)}
    took = (time.perf_counter() - start) * 1000
    print('%s: %d requests, %d connections, %d ms' % (name, TURNS, len(used), took))


timed('without a session', requests.get)
with requests.Session() as session:
    timed('with a session', session.get)
