//! A RabbitMQ that dies, runs short of memory or loses its patience.

use std::time::{Duration, Instant};

use lapin::types::FieldTable;
use pyservice::broker::{Broker, BrokerError, Link, Settled, Settlement};
use pyservice::job::RetryDelay;

use super::bench::*;
use super::node::Node;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_broker_killed_and_started_again_has_everything_still() {
    let mut node = Node::start().await;
    let queue = node.queue();
    let broker = queue.amqp(3).await;
    for body in ["in hand", "waits", "dead"] {
        broker.publish(message(body)).await.unwrap();
    }
    let in_hand = next(&broker).await;
    let waits = next(&broker).await;
    let dead = next(&broker).await;
    let later = retry(RetryDelay::Long, 2);
    broker.settle(waits.receipt, later).await.unwrap();
    let answer = dead_letter(1);
    broker.settle(dead.receipt, answer).await.unwrap();

    node.kill();
    eventually("the loss is seen", async || broker.link() == Link::Down).await;
    let lost = broker.publish(message("refused")).await.unwrap_err();
    assert!(lost.is_transient(), "{lost:?}");
    node.restart().await;
    let since = Instant::now();
    eventually("it consumes again", async || broker.link() == Link::Up).await;
    assert!(since.elapsed() < Duration::from_secs(5));

    // A broker killed at once forgets the latest answers: more may come again than what was
    // unanswered, but never less.
    let mut missing = vec![b"in hand".to_vec(), b"waits".to_vec()];
    while !missing.is_empty() {
        let delivery = next(&broker).await;
        missing.retain(|body| *body != delivery.body);
        let settled = broker.settle(delivery.receipt, Settlement::Ack).await;
        assert_eq!(settled.unwrap(), Settled::Confirmed);
    }
    let stale = broker.settle(in_hand.receipt, Settlement::Ack).await;
    assert_eq!(stale.unwrap(), Settled::Stale);
    assert_eq!(broker.dead_letters(9).await.unwrap()[0].body, b"dead");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_work_queue_that_did_not_survive_a_restart_is_declared_again() {
    let mut node = Node::start().await;
    let queue = node.queue();
    let client = queue.client().await;
    let none = FieldTable::default();
    client.declare(&queue.queue, false, none).await;
    let broker = queue.amqp(1).await;
    broker.publish(message("a")).await.unwrap();
    let before = next(&broker).await;
    node.restart().await;
    let settled = broker.settle(before.receipt, Settlement::Ack).await;
    assert_eq!(settled.unwrap(), Settled::Stale);
    eventually("it consumes again", async || broker.link() == Link::Up).await;
    broker.publish(message("b")).await.unwrap();
    assert_eq!(next(&broker).await.body, b"b");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_broker_short_of_memory_still_takes_answers() {
    let node = Node::start().await;
    let queue = node.queue();
    let mut timing = quick();
    timing.answer = Duration::from_secs(1);
    let broker = pyservice::broker::Amqp::connect(queue.settings(), 2, timing)
        .await
        .unwrap();
    broker.publish(message("a")).await.unwrap();
    let delivery = next(&broker).await;

    node.ctl(&["set_vm_memory_high_watermark", "0.00001"]);
    eventually("the broker takes no messages", async || {
        let published = broker.publish(message("more")).await;
        matches!(published, Err(BrokerError::NotConfirmed { .. }))
    })
    .await;
    assert_eq!(broker.link(), Link::Blocked);
    // A copy cannot be made, so the original stays.
    let refused = broker.settle(delivery.receipt, dead_letter(1)).await;
    assert!(matches!(refused, Err(BrokerError::NotConfirmed { .. })));
    let settled = broker.settle(delivery.receipt, Settlement::Ack).await;
    assert_eq!(settled.unwrap(), Settled::Confirmed);
    assert_eq!(broker.depths().await.unwrap().dead, 0);

    node.ctl(&["set_vm_memory_high_watermark", "0.6"]);
    eventually("the broker is well again", async || {
        broker.link() == Link::Up
    })
    .await;
    broker.publish(message("last")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_job_too_long_for_the_broker_comes_again() {
    let node = Node::start().await;
    let impatient = "application:set_env(rabbit, consumer_timeout, 500), \
                     application:set_env(rabbit, channel_tick_interval, 200).";
    node.ctl(&["eval", impatient]);
    let broker = node.queue().amqp(1).await;
    broker.publish(message("a")).await.unwrap();
    let first = next(&broker).await;
    // The broker closes the channel for want of an answer.
    let second = next(&broker).await;
    assert_eq!((second.body, second.redelivered), (first.body, true));
    let stale = broker.settle(first.receipt, dead_letter(1)).await;
    assert_eq!(stale.unwrap(), Settled::Stale);
    let settled = broker.settle(second.receipt, Settlement::Ack).await;
    assert_eq!(settled.unwrap(), Settled::Confirmed);
    assert_eq!(broker.depths().await.unwrap().dead, 0);
}
