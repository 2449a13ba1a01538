"""One Python HTTP client, told by lines of JSON what to get; answers with its own CPU and wall time in seconds."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def open_client(module, concurrency):
    if module == "requests":
        import requests
        from requests.adapters import HTTPAdapter

        session = requests.Session()
        session.trust_env = False
        session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=concurrency))
        return session
    import httpx

    return httpx.Client(trust_env=False, limits=httpx.Limits(max_connections=concurrency))


def main(module):
    clients = {}
    for line in sys.stdin:
        job = json.loads(line)
        concurrency = job["concurrency"]
        if concurrency not in clients:
            client = open_client(module, concurrency)
            client.headers.update(job["headers"])
            clients[concurrency] = (client, ThreadPoolExecutor(concurrency))
        client, pool = clients[concurrency]
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in pool.map(lambda _: client.get(job["url"]).json(), range(job["count"])):
            pass
        print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}), flush=True)


main(sys.argv[1])
