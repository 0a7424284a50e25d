//! What every broker promises.

use std::time::{Duration, Instant};

use pyservice::broker::{BrokerError, Depths, Event, Link, Outgoing, Settled, Settlement};
use pyservice::job::RetryDelay;
use serde_json::json;
use tokio::time::timeout;

use super::bench::*;

/// Runs each promise in memory, and on RabbitMQ when there is one.
macro_rules! promises {
    ($($name:ident)*) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(&super::Memory::new()).await;
            })*
        }
        mod on_rabbitmq {
            use super::Bench;
            $(#[tokio::test(flavor = "multi_thread")]
            #[ignore = "needs RabbitMQ: run by tests/run.sh"]
            async fn $name() {
                let bench = super::Rabbit::new();
                super::$name(&bench).await;
                bench.clean().await;
            })*
        }
    };
}

promises! {
    an_acknowledged_message_is_gone
    a_message_keeps_its_properties
    an_unanswered_delivery_comes_again_after_closing
    an_unanswered_delivery_comes_again_after_a_crash
    a_requeued_delivery_comes_again
    a_retry_comes_after_its_delay_as_the_next_attempt
    a_later_attempt_waits_longer
    properties_survive_a_retry
    a_dead_letter_says_why
    a_revived_dead_letter_starts_anew
    no_more_deliveries_are_out_than_jobs_run
    stopping_ends_the_deliveries_and_frees_what_nobody_has
    what_is_in_hand_can_be_answered_after_stopping
    the_answer_to_a_request_is_its_event
    nobody_answering_a_request_is_a_timeout
    a_receipt_works_once
    receipts_of_another_connection_are_stale
    an_event_nobody_listens_to_is_no_error
    a_caller_who_gives_up_takes_no_delivery_along
    a_closed_broker_publishes_nothing
}

async fn an_acknowledged_message_is_gone(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    assert_eq!(broker.link(), Link::Up);
    broker.publish(message("a")).await.unwrap();
    let delivery = next(&*broker).await;
    assert_eq!(delivery.body, b"a");
    assert_eq!((delivery.attempt, delivery.redelivered), (1, false));
    let settled = broker.settle(delivery.receipt, Settlement::Ack).await;
    assert_eq!(settled.unwrap(), Settled::Confirmed);
    broker.close().await;

    let later = bench.connect(1).await;
    nothing_comes(&*later).await;
    assert_eq!(later.depths().await.unwrap(), Depths::default());
}

async fn a_message_keeps_its_properties(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    broker.publish(full_message()).await.unwrap();
    expect_full(&next(&*broker).await);
}

fn full_message() -> Outgoing {
    Outgoing {
        body: "{\"file_name\":\"Relatório.csv\"}".into(),
        message_id: Some("m-1".into()),
        reply_to: Some("somebody".into()),
        correlation_id: Some("c-1".into()),
        priority: Some(3),
    }
}

fn expect_full(delivery: &pyservice::broker::Delivery) {
    assert_eq!(delivery.body, full_message().body);
    assert_eq!(delivery.message_id.as_deref(), Some("m-1"));
    assert_eq!(delivery.reply_to.as_deref(), Some("somebody"));
    assert_eq!(delivery.correlation_id.as_deref(), Some("c-1"));
}

async fn an_unanswered_delivery_comes_again_after_closing(bench: &dyn Bench) {
    let first = bench.connect(2).await;
    first.publish(message("a")).await.unwrap();
    next(&*first).await;
    first.close().await;

    let second = bench.connect(2).await;
    let again = next(&*second).await;
    assert_eq!(again.body, b"a");
    assert!(again.redelivered);
    // Nobody said that the attempt failed.
    assert_eq!(again.attempt, 1);
}

async fn an_unanswered_delivery_comes_again_after_a_crash(bench: &dyn Bench) {
    let first = bench.connect(1).await;
    first.publish(message("a")).await.unwrap();
    next(&*first).await;
    drop(first);

    let second = bench.connect(1).await;
    assert!(next(&*second).await.redelivered);
}

async fn a_requeued_delivery_comes_again(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    broker.publish(message("a")).await.unwrap();
    let delivery = next(&*broker).await;
    let settled = broker.settle(delivery.receipt, Settlement::Requeue).await;
    assert_eq!(settled.unwrap(), Settled::Confirmed);
    let again = next(&*broker).await;
    assert_eq!((again.body, again.redelivered), (b"a".to_vec(), true));
}

async fn a_retry_comes_after_its_delay_as_the_next_attempt(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    broker.publish(message("a")).await.unwrap();
    let first = next(&*broker).await;
    let since = Instant::now();
    let settled = broker
        .settle(first.receipt, retry(RetryDelay::Short, 2))
        .await;
    assert_eq!(settled.unwrap(), Settled::Confirmed);
    assert_eq!(broker.depths().await.unwrap().waiting, 1);

    let second = next(&*broker).await;
    assert!(since.elapsed() >= quick().retry(RetryDelay::Short));
    assert_eq!((second.body, second.attempt), (first.body, 2));
    let age = first.first_seen - second.first_seen;
    assert!(age.num_milliseconds().abs() <= 1, "{age}");
    broker
        .settle(second.receipt, Settlement::Ack)
        .await
        .unwrap();
    assert_eq!(broker.depths().await.unwrap(), Depths::default());
}

async fn a_later_attempt_waits_longer(bench: &dyn Bench) {
    let broker = bench.connect(2).await;
    broker.publish(message("long")).await.unwrap();
    let delivery = next(&*broker).await;
    let waits_long = retry(RetryDelay::Long, 2);
    broker.settle(delivery.receipt, waits_long).await.unwrap();
    broker.publish(message("short")).await.unwrap();
    let delivery = next(&*broker).await;
    let waits_short = retry(RetryDelay::Short, 2);
    broker.settle(delivery.receipt, waits_short).await.unwrap();

    assert_eq!(next(&*broker).await.body, b"short");
    assert_eq!(next(&*broker).await.body, b"long");
}

async fn properties_survive_a_retry(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    broker.publish(full_message()).await.unwrap();
    for next_attempt in [2, 3] {
        let delivery = next(&*broker).await;
        expect_full(&delivery);
        let again = retry(RetryDelay::Short, next_attempt);
        broker.settle(delivery.receipt, again).await.unwrap();
    }
    let third = next(&*broker).await;
    expect_full(&third);
    assert_eq!(third.attempt, 3);
}

async fn a_dead_letter_says_why(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    broker.publish(full_message()).await.unwrap();
    let delivery = next(&*broker).await;
    let settled = broker.settle(delivery.receipt, dead_letter(4)).await;
    assert_eq!(settled.unwrap(), Settled::Confirmed);
    assert_eq!(broker.depths().await.unwrap().dead, 1);

    // Looking does not take it away.
    for _ in 0..2 {
        let letters = broker.dead_letters(10).await.unwrap();
        let [letter] = &letters[..] else {
            panic!("{letters:?}")
        };
        assert_eq!(letter.body, full_message().body);
        assert_eq!(letter.message_id.as_deref(), Some("m-1"));
        assert_eq!((&*letter.reason, &*letter.stage), ("not_found", "fetch"));
        assert_eq!(letter.message, "`work/x.csv` is not there");
        assert_eq!((letter.attempt, &*letter.queue), (4, &*delivery.queue));
        assert_eq!(letter.version, env!("CARGO_PKG_VERSION"));
        let age = letter.first_seen.unwrap() - delivery.first_seen;
        assert!(age.num_milliseconds().abs() <= 1, "{age}");
        assert!(letter.last_seen >= letter.first_seen);
    }
    assert_eq!(broker.dead_letters(0).await.unwrap(), []);
    nothing_comes(&*broker).await;
}

async fn a_revived_dead_letter_starts_anew(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    for _ in 0..2 {
        broker.publish(full_message()).await.unwrap();
        let delivery = next(&*broker).await;
        let answer = dead_letter(4);
        broker.settle(delivery.receipt, answer).await.unwrap();
    }
    assert_eq!(broker.revive(1).await.unwrap(), 1);
    let again = next(&*broker).await;
    expect_full(&again);
    assert_eq!((again.attempt, again.redelivered), (1, false));
    assert_eq!(broker.depths().await.unwrap().dead, 1);
    assert_eq!(broker.revive(5).await.unwrap(), 1);
    assert_eq!(broker.revive(5).await.unwrap(), 0);
}

async fn no_more_deliveries_are_out_than_jobs_run(bench: &dyn Bench) {
    let broker = bench.connect(2).await;
    for body in ["a", "b", "c"] {
        broker.publish(message(body)).await.unwrap();
    }
    let first = next(&*broker).await;
    next(&*broker).await;
    nothing_comes(&*broker).await;
    broker.settle(first.receipt, Settlement::Ack).await.unwrap();
    assert_eq!(next(&*broker).await.body, b"c");
}

async fn stopping_ends_the_deliveries_and_frees_what_nobody_has(bench: &dyn Bench) {
    let first = bench.connect(3).await;
    for body in ["a", "b", "c"] {
        first.publish(message(body)).await.unwrap();
    }
    assert_eq!(next(&*first).await.body, b"a");
    let stopping = async {
        first.stop_consuming().await;
        first.stop_consuming().await;
    };
    timeout(DEADLINE, stopping).await.unwrap();
    assert!(timeout(DEADLINE, first.next()).await.unwrap().is_none());

    // Another instance gets them while this one still works on the first.
    let second = bench.connect(3).await;
    let mut bodies = [next(&*second).await.body, next(&*second).await.body];
    bodies.sort();
    assert_eq!(bodies, [b"b", b"c"]);
    nothing_comes(&*second).await;
}

async fn what_is_in_hand_can_be_answered_after_stopping(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    broker.publish(message("a")).await.unwrap();
    let delivery = next(&*broker).await;
    broker.stop_consuming().await;
    let settled = broker.settle(delivery.receipt, Settlement::Ack).await;
    assert_eq!(settled.unwrap(), Settled::Confirmed);
    broker.close().await;
    assert_eq!(broker.link(), Link::Down);
    nothing_comes(&*bench.connect(1).await).await;
}

async fn the_answer_to_a_request_is_its_event(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    let asking = broker.publish_and_wait(message("a"), DEADLINE);
    let answering = async {
        let delivery = next(&*broker).await;
        // An event that is not for the requester.
        broker.emit(event("job.started", None)).await.unwrap();
        let event = event("job.finished", Some(&delivery));
        broker.emit(event).await.unwrap();
        broker.settle(delivery.receipt, Settlement::Ack).await
    };
    let (answer, settled) = tokio::join!(asking, answering);
    assert_eq!(answer.unwrap(), json!({"event": "job.finished"}));
    assert_eq!(settled.unwrap(), Settled::Confirmed);
}

fn event(name: &'static str, answers: Option<&pyservice::broker::Delivery>) -> Event {
    Event {
        name,
        body: json!({ "event": name }),
        reply_to: answers.and_then(|delivery| delivery.reply_to.clone()),
        correlation_id: answers.and_then(|delivery| delivery.correlation_id.clone()),
    }
}

async fn nobody_answering_a_request_is_a_timeout(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    let patience = Duration::from_millis(200);
    let answer = broker.publish_and_wait(message("a"), patience).await;
    assert!(matches!(answer, Err(BrokerError::Timeout(limit)) if limit == patience));
    // The request itself is in the queue all the same.
    assert_eq!(next(&*broker).await.body, b"a");
}

async fn a_receipt_works_once(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    broker.publish(message("a")).await.unwrap();
    let delivery = next(&*broker).await;
    let receipt = delivery.receipt;
    broker.settle(receipt, Settlement::Ack).await.unwrap();
    for answer in [Settlement::Ack, Settlement::Requeue, dead_letter(1)] {
        let settled = broker.settle(receipt, answer).await.unwrap();
        assert_eq!(settled, Settled::Stale);
    }
    assert_eq!(broker.depths().await.unwrap(), Depths::default());
}

async fn receipts_of_another_connection_are_stale(bench: &dyn Bench) {
    let first = bench.connect(1).await;
    first.publish(message("a")).await.unwrap();
    let old = next(&*first).await.receipt;
    first.close().await;
    let stale = first.settle(old, dead_letter(1)).await.unwrap();
    assert_eq!(stale, Settled::Stale);

    let second = bench.connect(1).await;
    let again = next(&*second).await;
    second.settle(again.receipt, Settlement::Ack).await.unwrap();
    assert_eq!(second.depths().await.unwrap(), Depths::default());
}

async fn an_event_nobody_listens_to_is_no_error(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    let mut event = event("job.finished", None);
    broker.emit(event.clone()).await.unwrap();
    event.reply_to = Some("a-queue-that-is-gone".into());
    event.correlation_id = Some("c-1".into());
    broker.emit(event).await.unwrap();
}

async fn a_caller_who_gives_up_takes_no_delivery_along(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    for _ in 0..20 {
        let _ = timeout(Duration::from_millis(1), broker.next()).await;
    }
    broker.publish(message("a")).await.unwrap();
    assert_eq!(next(&*broker).await.body, b"a");
}

async fn a_closed_broker_publishes_nothing(bench: &dyn Bench) {
    let broker = bench.connect(1).await;
    broker.close().await;
    let published = broker.publish(message("a")).await;
    assert!(matches!(published, Err(BrokerError::Closed)));
    assert!(broker.next().await.is_none());
}
