"""Small questions that run.sh asks: free ports, URLs from parts, and whether a server really answers.

    probe.py ports N              N free ports
    probe.py amqp-url             the URL that RABBITMQ_URL or RABBITMQ_HOST and its companions mean
    probe.py amqp URL             fails until the broker lets us in (needs pika)
    probe.py mongo URI            fails until something listens there
    probe.py dav BASE             fails until a listing of the user's root succeeds (DAV_USER, DAV_PASS)
"""

import base64
import http.client
import os
import random
import re
import socket
import sys
from urllib.parse import quote, urlsplit


def ports(count):
    # Below the range from which the kernel takes the ports of outgoing connections, so that none of those gets in between.
    # Held until all are chosen, so that they differ.
    held = []
    while len(held) < int(count):
        candidate = socket.socket()
        try:
            candidate.bind(("127.0.0.1", random.randrange(15000, 32000)))
            held.append(candidate)
        except OSError:
            candidate.close()
    print(*(candidate.getsockname()[1] for candidate in held))


def amqp_url():
    environment = os.environ
    url = environment.get("RABBITMQ_URL")
    if not url:
        part = lambda name, default: quote(environment.get(name) or default, safe="")
        url = "amqp://{}:{}@{}:{}/%2f".format(
            part("RABBITMQ_DEFAULT_USER", "guest"),
            part("RABBITMQ_DEFAULT_PASS", "guest"),
            environment["RABBITMQ_HOST"],
            part("RABBITMQ_PORT", "5672"),
        )
    print(url)


def amqp(url):
    import pika

    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.blocked_connection_timeout = 5
    if not parameters.virtual_host:
        parameters.virtual_host = "/"
    pika.BlockingConnection(parameters).close()


def mongo(uri):
    if uri.startswith("mongodb+srv://"):
        return  # its hosts are in the DNS; the driver asks there
    hosts = re.sub(r"^mongodb://([^@/]*@)?", "", uri).split("/")[0].split("?")[0]
    for host in hosts.split(","):
        name, _, port = host.partition(":")
        socket.create_connection((name, int(port or 27017)), timeout=5).close()


def dav(base):
    user, password = os.environ["DAV_USER"], os.environ["DAV_PASS"]
    url = urlsplit(base)
    path = url.path
    if "/remote.php/" not in path:
        path = path.rstrip("/") + "/remote.php/webdav/"
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.hostname, url.port, timeout=10)
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    connection.request("PROPFIND", path, headers={"Depth": "0", "Authorization": f"Basic {credentials}"})
    status = connection.getresponse().status
    if status != 207:
        sys.exit(f"PROPFIND answers {status}")


questions = {"ports": ports, "amqp-url": amqp_url, "amqp": amqp, "mongo": mongo, "dav": dav}
try:
    questions[sys.argv[1]](*sys.argv[2:])
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
