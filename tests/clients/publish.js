#!/usr/bin/env node
// Publishes one message with amqplib: node tests/clients/publish.js URL QUEUE BODY
"use strict";

const path = require("node:path");

// The tests install it outside the repository; `npm ci` in this folder works as well.
const installed = process.env.PYSERVICE_TEST_NODE_MODULES;
const amqp = require(require.resolve("amqplib", { paths: [installed ? path.dirname(installed) : __dirname] }));

// The queue may exist with any arguments, and asserting it with others would be refused: ask first, on a channel of its own,
// because a refusal closes the channel.
async function ensureQueue(connection, queue) {
  const probe = await connection.createChannel();
  probe.on("error", () => {}); // the rejected promise below tells the same
  try {
    await probe.checkQueue(queue);
    await probe.close();
  } catch (error) {
    if (error.code !== 404) throw error;
    const channel = await connection.createChannel();
    await channel.assertQueue(queue, { durable: true });
    await channel.close();
  }
}

async function publish(url, queue, body) {
  const connection = await amqp.connect(url);
  try {
    await ensureQueue(connection, queue);
    const channel = await connection.createConfirmChannel();
    channel.sendToQueue(queue, Buffer.from(body), { persistent: true, contentType: "application/json" });
    await channel.waitForConfirms();
    await channel.close();
  } finally {
    await connection.close();
  }
}

const [url, queue, body] = process.argv.slice(2);
if (body === undefined) {
  console.error("usage: publish.js URL QUEUE BODY");
  process.exit(2);
}
publish(url, queue, body).then(
  () => console.log(`sent to ${queue}: ${body}`),
  (error) => {
    console.error(`not sent: ${error.message}`);
    process.exitCode = 1;
  },
);
