#!/usr/bin/env python3
"""Publishes a message that asks pyservice to treat a file.

    tests/send_test_message.py clientes.csv
    tests/send_test_message.py clientes.csv --queue file.process --url amqp://user:secret@broker:5672/
    tests/send_test_message.py --body 'not even JSON'

The broker is the one pyservice uses: RABBITMQ_URL, or RABBITMQ_HOST, RABBITMQ_PORT, RABBITMQ_DEFAULT_USER and
RABBITMQ_DEFAULT_PASS; the queue is RABBITMQ_QUEUE. Needs pika (pip install pika).
"""

import argparse
import json
import os
import sys

import pika


def variable(name, default):
    """An empty variable counts as absent, as it does for pyservice."""
    return os.environ.get(name, "").strip() or default


def parameters(url):
    if url:
        # pika takes an empty path for a virtual host without a name; everybody else means "/".
        base, mark, query = url.partition("?")
        scheme, separator, rest = base.partition("://")
        authority, _, vhost = rest.partition("/")
        return pika.URLParameters(f"{scheme}{separator}{authority}/{vhost or '%2F'}{mark}{query}")
    return pika.ConnectionParameters(
        host=variable("RABBITMQ_HOST", "localhost"),
        port=int(variable("RABBITMQ_PORT", "5672")),
        credentials=pika.PlainCredentials(
            variable("RABBITMQ_DEFAULT_USER", "guest"),
            variable("RABBITMQ_DEFAULT_PASS", "guest"),
        ),
    )


def channel_with_queue(connection, queue):
    """The queue may exist with any arguments; declaring it with others would be refused."""
    try:
        channel = connection.channel()
        channel.queue_declare(queue, passive=True)
    except pika.exceptions.ChannelClosedByBroker as error:
        if error.reply_code != 404:
            raise
        # The broker closed the channel along with the refusal.
        channel = connection.channel()
        channel.queue_declare(queue, durable=True)
    return channel


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file_name", nargs="?", metavar="FILE_NAME", help="a file in the work folder")
    parser.add_argument("--queue", default=variable("RABBITMQ_QUEUE", "pyservice_queue"))
    parser.add_argument("--url", default=variable("RABBITMQ_URL", None))
    parser.add_argument("--body", metavar="RAW", help="send this text instead of naming a file")
    parser.add_argument("--message-id", metavar="ID")
    arguments = parser.parse_args()
    if (arguments.file_name is None) == (arguments.body is None):
        parser.error("give either FILE_NAME or --body")

    body = arguments.body
    if body is None:
        body = json.dumps({"file_name": arguments.file_name}, ensure_ascii=False)

    connection = pika.BlockingConnection(parameters(arguments.url))
    try:
        channel = channel_with_queue(connection, arguments.queue)
        channel.confirm_delivery()
        channel.basic_publish(
            exchange="",
            routing_key=arguments.queue,
            body=body.encode(),
            properties=pika.BasicProperties(
                content_type="application/json",
                delivery_mode=pika.DeliveryMode.Persistent.value,
                message_id=arguments.message_id,
            ),
            mandatory=True,
        )
    finally:
        connection.close()
    print(f"sent to {arguments.queue}: {body}")


if __name__ == "__main__":
    try:
        main()
    except pika.exceptions.AMQPError as error:
        # Some have no text of their own, only a cause. The URL, which may hold a password, is in none of them.
        sys.exit(f"not sent: {str(error) or repr(error)}")
