//! What only RabbitMQ, or the network before it, can do to us.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lapin::BasicProperties;
use lapin::options::{
    BasicGetOptions, BasicPublishOptions, ExchangeDeclareOptions, QueueBindOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use pyservice::broker::{Amqp, Broker, BrokerError, Event, Link, Outgoing, Settled, Settlement};
use pyservice::job::RetryDelay;
use serde_json::json;
use tokio::io::{AsyncReadExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

use super::bench::*;
use crate::harness;

fn arguments<const N: usize>(pairs: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in pairs {
        table.insert(name.into(), value);
    }
    table
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

async fn publish_and_take(broker: &dyn Broker, body: &str) {
    broker.publish(message(body)).await.unwrap();
    let delivery = next(broker).await;
    assert_eq!(delivery.body, body.as_bytes());
    let settled = broker.settle(delivery.receipt, Settlement::Ack).await;
    assert_eq!(settled.unwrap(), Settled::Confirmed);
}

async fn take_whatever_exists(durable: bool, arguments: FieldTable) {
    let rabbit = Rabbit::new();
    let client = rabbit.client().await;
    client.declare(&rabbit.queue, durable, arguments).await;
    let broker = rabbit.amqp(2).await;
    publish_and_take(&broker, "a").await;

    // The queues of ours work whatever the work queue is like.
    broker.publish(message("b")).await.unwrap();
    let delivery = next(&broker).await;
    let again = retry(RetryDelay::Short, 2);
    broker.settle(delivery.receipt, again).await.unwrap();
    let delivery = next(&broker).await;
    assert_eq!((&*delivery.body, delivery.attempt), (&b"b"[..], 2));
    let answer = dead_letter(2);
    broker.settle(delivery.receipt, answer).await.unwrap();
    assert_eq!(broker.depths().await.unwrap().dead, 1);
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_work_queue_that_is_not_durable_is_consumed_as_it_is() {
    take_whatever_exists(false, FieldTable::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_work_queue_with_priorities_is_consumed_as_it_is() {
    let priorities = [("x-max-priority", AMQPValue::LongInt(10))];
    take_whatever_exists(true, arguments(priorities)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_quorum_work_queue_is_consumed_as_it_is() {
    let quorum = [("x-queue-type", text("quorum"))];
    take_whatever_exists(true, arguments(quorum)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_missing_work_queue_becomes_a_quorum_queue_when_asked() {
    let rabbit = Rabbit::new();
    let mut settings = rabbit.settings();
    settings.quorum = true;
    let broker = Amqp::connect(settings, 1, quick()).await.unwrap();
    publish_and_take(&broker, "a").await;
    broker.publish(message("b")).await.unwrap();
    broker.publish(message("c")).await.unwrap();
    next(&broker).await;
    nothing_comes(&broker).await;
    broker.close().await;
    // Declaring it again as anything else would be refused.
    let client = rabbit.client().await;
    let quorum = arguments([("x-queue-type", text("quorum"))]);
    client.declare(&rabbit.queue, true, quorum).await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn several_work_queues_are_consumed_with_one_bound() {
    let (rabbit, other) = (Rabbit::new(), Rabbit::new());
    let mut settings = rabbit.settings();
    settings.queues.push(other.queue.clone());
    settings.queues.push(rabbit.queue.clone());
    let broker = Amqp::connect(settings, 2, quick()).await.unwrap();
    let elsewhere = Amqp::publisher(other.settings(), quick());
    for body in ["a", "b"] {
        broker.publish(message(body)).await.unwrap();
        elsewhere.publish(message(body)).await.unwrap();
    }
    let first = next(&broker).await;
    next(&broker).await;
    nothing_comes(&broker).await;
    broker.settle(first.receipt, Settlement::Ack).await.unwrap();
    let third = next(&broker).await;
    broker.settle(third.receipt, dead_letter(1)).await.unwrap();

    // A dead letter lies with the queue it came by.
    let letters = broker.dead_letters(9).await.unwrap();
    assert_eq!(letters[0].queue, third.queue);
    broker.close().await;
    elsewhere.close().await;
    rabbit.clean().await;
    other.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_publisher_declares_the_queue_it_finds_missing_and_takes_nothing() {
    let rabbit = Rabbit::new();
    let publisher = Amqp::publisher(rabbit.settings(), quick());
    publisher.publish(message("a")).await.unwrap();
    assert!(publisher.next().await.is_none());
    assert_eq!(publisher.depths().await.unwrap().work, 1);
    assert_eq!(publisher.link(), Link::Up);
    publisher.close().await;
    let broker = rabbit.amqp(1).await;
    assert_eq!(next(&broker).await.body, b"a");
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_queue_deleted_while_consuming_is_declared_again() {
    let rabbit = Rabbit::new();
    let broker = rabbit.amqp(1).await;
    let client = rabbit.client().await;
    for queue in [rabbit.queue.clone(), format!("{}.ready", rabbit.queue)] {
        publish_and_take(&broker, "before").await;
        client.delete(&queue).await;
        // Published before the consumer is back or after: it must arrive.
        publish_and_take(&broker, "after").await;
    }
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn our_own_queues_are_declared_again_when_a_copy_finds_none() {
    let rabbit = Rabbit::new();
    let broker = rabbit.amqp(1).await;
    let client = rabbit.client().await;
    broker.publish(message("a")).await.unwrap();
    let delivery = next(&broker).await;
    client.delete(&format!("{}.retry.10s", rabbit.queue)).await;
    client.delete(&format!("{}.dead", rabbit.queue)).await;

    let again = retry(RetryDelay::Short, 2);
    let settled = broker.settle(delivery.receipt, again).await.unwrap();
    assert_eq!(settled, Settled::Confirmed);
    let delivery = next(&broker).await;
    assert_eq!((&*delivery.body, delivery.attempt), (&b"a"[..], 2));
    client.delete(&format!("{}.dead", rabbit.queue)).await;
    let settled = broker.settle(delivery.receipt, dead_letter(2)).await;
    assert_eq!(settled.unwrap(), Settled::Confirmed);
    assert_eq!(broker.depths().await.unwrap().dead, 1);
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_copy_the_broker_refuses_leaves_the_original_unanswered() {
    let rabbit = Rabbit::new();
    let broker = rabbit.amqp(1).await;
    // The wait queues exist, but are full before they hold anything.
    let full = r#"{"max-length":0,"overflow":"reject-publish"}"#;
    let pattern = format!("^{}\\.(retry.*|dead)$", rabbit.queue);
    rabbitmqctl(&[
        "set_policy",
        "--apply-to",
        "queues",
        &rabbit.queue,
        &pattern,
        full,
    ]);

    broker.publish(message("a")).await.unwrap();
    let delivery = next(&broker).await;
    for answer in [retry(RetryDelay::Short, 2), dead_letter(1)] {
        let refused = broker.settle(delivery.receipt, answer).await.unwrap_err();
        assert!(
            matches!(refused, BrokerError::NotConfirmed { .. }),
            "{refused:?}"
        );
        assert!(refused.is_transient());
    }
    rabbitmqctl(&["clear_policy", &rabbit.queue]);

    // Nothing was lost, and the same receipt still answers it.
    let settled = broker.settle(delivery.receipt, dead_letter(1)).await;
    assert_eq!(settled.unwrap(), Settled::Confirmed);
    assert_eq!(broker.dead_letters(9).await.unwrap().len(), 1);
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn connections_the_broker_closes_are_rebuilt() {
    let rabbit = Rabbit::new();
    let broker = rabbit.amqp(1).await;
    broker.publish(message("a")).await.unwrap();
    let before = next(&broker).await;
    close_connections(&rabbit.queue);

    let again = next(&broker).await;
    assert_eq!((&*again.body, again.redelivered), (&b"a"[..], true));
    assert_ne!(before.receipt, again.receipt);
    for answer in [Settlement::Ack, retry(RetryDelay::Short, 2), dead_letter(1)] {
        let stale = broker.settle(before.receipt, answer).await.unwrap();
        assert_eq!(stale, Settled::Stale);
    }
    let settled = broker.settle(again.receipt, dead_letter(1)).await;
    assert_eq!(settled.unwrap(), Settled::Confirmed);
    publish_and_take(&broker, "b").await;
    assert_eq!(broker.link(), Link::Up);
    let depths = broker.depths().await.unwrap();
    assert_eq!((depths.work, depths.waiting, depths.dead), (0, 0, 1));
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_copy_keeps_strangers_headers_and_loses_what_would_divert_it() {
    let rabbit = Rabbit::new();
    let broker = rabbit.amqp(1).await;
    let client = rabbit.client().await;
    let headers = arguments([
        ("traceparent", text("00-abc")),
        (
            "nested",
            AMQPValue::FieldTable(arguments([("n", AMQPValue::LongInt(7))])),
        ),
        (
            "CC",
            AMQPValue::FieldArray(vec![text(&rabbit.queue)].into()),
        ),
    ]);
    let properties = BasicProperties::default()
        .with_headers(headers)
        .with_content_type("text/plain".into())
        .with_type("request".into())
        .with_user_id("guest".into())
        .with_expiration("60000".into());
    let options = BasicPublishOptions::default();
    client
        .channel
        .basic_publish(
            "".into(),
            rabbit.queue.as_str().into(),
            options,
            b"x.csv",
            properties,
        )
        .await
        .unwrap();
    let delivery = next(&broker).await;
    broker
        .settle(delivery.receipt, retry(RetryDelay::Short, 2))
        .await
        .unwrap();
    let delivery = next(&broker).await;
    broker
        .settle(delivery.receipt, dead_letter(2))
        .await
        .unwrap();
    // One copy, not also one to whom `CC` named.
    nothing_comes(&broker).await;

    let dead = format!("{}.dead", rabbit.queue);
    let options = BasicGetOptions { no_ack: true };
    let got = client.channel.basic_get(dead.into(), options).await;
    let properties = got.unwrap().unwrap().delivery.properties;
    assert_eq!(
        properties.content_type().as_ref().unwrap().as_str(),
        "text/plain"
    );
    assert_eq!(properties.kind().as_ref().unwrap().as_str(), "request");
    assert_eq!(properties.delivery_mode(), &Some(2));
    assert_eq!(properties.expiration(), &None);
    assert_eq!(properties.user_id(), &None);
    let names: Vec<_> = properties
        .headers()
        .iter()
        .flat_map(|table| table.inner().keys())
        .map(|name| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "nested",
            "pyservice-attempt",
            "pyservice-first-seen",
            "pyservice-last-seen",
            "pyservice-message",
            "pyservice-queue",
            "pyservice-reason",
            "pyservice-stage",
            "pyservice-version",
            "traceparent",
        ]
    );
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn events_go_to_whoever_binds_to_the_exchange() {
    let rabbit = Rabbit::new();
    let broker = rabbit.amqp(1).await;
    let client = rabbit.client().await;
    let durable = ExchangeDeclareOptions {
        durable: true,
        ..Default::default()
    };
    let (events, listener) = ("pyservice.events", format!("{}.listener", rabbit.queue));
    client
        .channel
        .exchange_declare(
            events.into(),
            lapin::ExchangeKind::Topic,
            durable,
            FieldTable::default(),
        )
        .await
        .unwrap();
    client
        .declare(&listener, false, FieldTable::default())
        .await;
    let (name, bind) = (listener.as_str(), QueueBindOptions::default());
    client
        .channel
        .queue_bind(
            name.into(),
            events.into(),
            "job.#".into(),
            bind,
            FieldTable::default(),
        )
        .await
        .unwrap();
    let id = uuid::Uuid::new_v4().to_string();
    let event = Event {
        name: "job.finished",
        body: json!({ "job_id": id }),
        reply_to: None,
        correlation_id: None,
    };
    broker.emit(event).await.unwrap();

    // Other tests emit events as well.
    eventually("the event arrives", async || {
        let options = BasicGetOptions { no_ack: true };
        let got = client
            .channel
            .basic_get(name.into(), options)
            .await
            .unwrap();
        got.is_some_and(|event| {
            event.delivery.routing_key.as_str() == "job.finished"
                && String::from_utf8_lossy(&event.delivery.data).contains(&id)
        })
    })
    .await;
    client.delete(&listener).await;
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn names_the_protocol_cannot_carry_are_errors() {
    let rabbit = Rabbit::new();
    let broker = rabbit.amqp(1).await;
    let long = "n".repeat(256);
    for message in [
        Outgoing {
            message_id: Some(long.clone()),
            ..message("a")
        },
        Outgoing {
            reply_to: Some(long.clone()),
            ..message("a")
        },
        Outgoing {
            correlation_id: Some(long.clone()),
            ..message("a")
        },
    ] {
        let refused = broker.publish(message).await;
        assert!(
            matches!(refused, Err(BrokerError::Operation(_))),
            "{refused:?}"
        );
    }
    let event = Event {
        name: "job.dead",
        body: json!({}),
        reply_to: Some(long),
        correlation_id: None,
    };
    assert!(matches!(
        broker.emit(event).await,
        Err(BrokerError::Operation(_))
    ));
    publish_and_take(&broker, "a").await;
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn refused_credentials_are_said_without_them() {
    let rabbit = Rabbit::new();
    let mut url = url::Url::parse(rabbit.uri()).unwrap();
    url.set_password(Some("Senha-Errada-77")).unwrap();
    let mut elsewhere = url::Url::parse(rabbit.uri()).unwrap();
    elsewhere.set_path("no-such-vhost");
    for uri in [url.as_str(), elsewhere.as_str()] {
        for refused in [
            Amqp::connect(rabbit.settings_at(uri), 1, quick())
                .await
                .err(),
            Amqp::start(rabbit.settings_at(uri), 1, quick()).await.err(),
            Amqp::publisher(rabbit.settings_at(uri), quick())
                .publish(message("a"))
                .await
                .err(),
        ] {
            let error = refused.unwrap();
            assert!(matches!(error, BrokerError::Refused), "{error:?}");
            assert!(!error.is_transient());
            assert!(!format!("{error} {error:?}").contains("Senha"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn amqps_to_the_plaintext_port_of_a_broker_fails() {
    let rabbit = Rabbit::new();
    let uri = rabbit.uri().replacen("amqp://", "amqps://", 1);
    let refused = Amqp::connect(rabbit.settings_at(&uri), 1, quick())
        .await
        .err();
    assert!(
        matches!(refused, Some(BrokerError::Unreachable(_))),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn amqps_is_never_spoken_in_plaintext() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("amqps://u:p@{}/%2f", listener.local_addr().unwrap());
    let server = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut start = [0; 3];
        socket.read_exact(&mut start).await.unwrap();
        start
    };
    let client = connect_to(&uri);
    let (start, refused) = tokio::join!(server, client);
    // A TLS handshake record, and neither the credentials nor `AMQP`.
    assert_eq!(start[..2], [0x16, 0x03]);
    assert!(refused.is_some_and(|error| error.is_transient()));
}

async fn connect_to(uri: &str) -> Option<BrokerError> {
    let mut timing = quick();
    timing.answer = Duration::from_millis(400);
    Amqp::connect(settings_of(uri), 1, timing).await.err()
}

fn settings_of(uri: &str) -> pyservice::config::AmqpSettings {
    pyservice::config::AmqpSettings {
        uri: pyservice::config::Secret::new(uri),
        address: "nobody".into(),
        queues: vec!["nothing".into()],
        quorum: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_never_answers_is_given_up_and_let_go() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    for scheme in ["amqp", "amqps"] {
        let since = Instant::now();
        let client =
            tokio::spawn(async move { connect_to(&format!("{scheme}://u:p@{address}/%2f")).await });
        let (mut socket, _) = listener.accept().await.unwrap();
        let error = timeout(DEADLINE, client).await.unwrap().unwrap().unwrap();
        assert!(error.is_transient(), "{error:?}");
        assert!(since.elapsed() >= Duration::from_millis(400));
        // The other end of the socket is closed, so no thread waits at it.
        let mut rest = Vec::new();
        timeout(DEADLINE, socket.read_to_end(&mut rest))
            .await
            .unwrap()
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unusable_address_is_not_repeated_in_the_error() {
    for uri in [
        "amqp://u:Senha-77@[::1",
        "nonsense Senha-77",
        "http://u:Senha-77@h/",
    ] {
        let error = connect_to(uri).await.unwrap();
        assert!(!error.is_transient(), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("Senha"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_is_an_error_at_once_unless_we_may_wait() {
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let uri = format!("amqp://u:p@{port}/%2f");
    let refused = connect_to(&uri).await;
    assert!(
        matches!(refused, Some(BrokerError::Unreachable(_))),
        "{refused:?}"
    );
    let waiting = Amqp::start(settings_of(&uri), 1, quick()).await.unwrap();
    assert_eq!(waiting.link(), Link::Down);
    let published = waiting.publish(message("a")).await;
    assert!(
        matches!(published, Err(BrokerError::Unreachable(_))),
        "{published:?}"
    );
    timeout(DEADLINE, waiting.close()).await.unwrap();
    assert!(waiting.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_service_started_before_its_broker_consumes_when_it_comes() {
    let rabbit = Rabbit::new();
    let relay = Relay::to(rabbit.uri()).await;
    relay.set(Road::Closed);
    let uri = relay.uri(rabbit.uri());
    let broker = Amqp::start(rabbit.settings_at(&uri), 1, quick())
        .await
        .unwrap();
    assert_eq!(broker.link(), Link::Down);
    relay.set(Road::Open);
    publish_and_take_when_up(&broker).await;
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_cut_connection_is_rebuilt_and_the_delivery_comes_again() {
    let rabbit = Rabbit::new();
    let relay = Relay::to(rabbit.uri()).await;
    let uri = relay.uri(rabbit.uri());
    let broker = Amqp::connect(rabbit.settings_at(&uri), 1, quick())
        .await
        .unwrap();
    broker.publish(message("a")).await.unwrap();
    for _ in 0..3 {
        let before = next(&broker).await;
        relay.set(Road::Closed);
        eventually("the loss is seen", async || broker.link() == Link::Down).await;
        let stale = broker
            .settle(before.receipt, retry(RetryDelay::Short, 2))
            .await;
        assert_eq!(stale.unwrap(), Settled::Stale);
        relay.set(Road::Open);
    }
    let again = next(&broker).await;
    assert!(again.redelivered);
    broker.settle(again.receipt, Settlement::Ack).await.unwrap();
    publish_and_take(&broker, "b").await;
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_silent_network_is_noticed_by_its_missing_heartbeats() {
    let rabbit = Rabbit::new();
    let relay = Relay::to(rabbit.uri()).await;
    let uri = format!("{}?heartbeat=1", relay.uri(rabbit.uri()));
    let broker = Amqp::connect(rabbit.settings_at(&uri), 1, quick())
        .await
        .unwrap();
    relay.set(Road::Silent);
    eventually("the silence is noticed", async || {
        broker.link() == Link::Down
    })
    .await;
    relay.set(Road::Closed);
    relay.set(Road::Open);
    publish_and_take_when_up(&broker).await;
    broker.close().await;
    rabbit.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ: run by tests/run.sh"]
async fn a_publish_into_silence_is_not_confirmed() {
    let rabbit = Rabbit::new();
    let relay = Relay::to(rabbit.uri()).await;
    let mut timing = quick();
    timing.answer = Duration::from_millis(400);
    let uri = relay.uri(rabbit.uri());
    let broker = Amqp::publisher(rabbit.settings_at(&uri), timing);
    broker.publish(message("a")).await.unwrap();
    relay.set(Road::Silent);
    let lost = timeout(DEADLINE, broker.publish(message("b")))
        .await
        .unwrap();
    assert!(
        matches!(lost, Err(BrokerError::NotConfirmed { .. })),
        "{lost:?}"
    );
    relay.set(Road::Closed);
    relay.set(Road::Open);
    broker.publish(message("c")).await.unwrap();
    broker.close().await;
    let taker = rabbit.amqp(3).await;
    assert_eq!(next(&taker).await.body, b"a");
    assert_eq!(next(&taker).await.body, b"c");
    taker.close().await;
    rabbit.clean().await;
}

async fn publish_and_take_when_up(broker: &dyn Broker) {
    eventually("the broker is reached", async || broker.link() == Link::Up).await;
    publish_and_take(broker, "a").await;
}

fn rabbitmqctl(arguments: &[&str]) -> String {
    let program = harness::server("PYSERVICE_TEST_RABBITMQCTL");
    super::node::rabbitmqctl(Path::new(&program), arguments)
}

/// Has the broker close every connection of ours that names the queue.
fn close_connections(queue: &str) {
    let connections = rabbitmqctl(&["-q", "list_connections", "pid", "client_properties"]);
    let mut closed = 0;
    for line in connections.lines().filter(|line| line.contains(queue)) {
        let pid = line.split('\t').next().unwrap();
        rabbitmqctl(&["close_connection", pid, "a test wants it so"]);
        closed += 1;
    }
    assert_eq!(closed, 2, "one consumes, one publishes: {connections}");
}

#[derive(Clone, Copy, PartialEq)]
enum Road {
    Open,
    /// Bytes get stuck, connections stay.
    Silent,
    /// Connections are cut, new ones too.
    Closed,
}

/// A network between us and the broker that can fail.
struct Relay {
    address: SocketAddr,
    road: Arc<watch::Sender<Road>>,
}

impl Relay {
    async fn to(uri: &str) -> Self {
        let url = url::Url::parse(uri).unwrap();
        let target = (
            url.host_str().unwrap().to_owned(),
            url.port().unwrap_or(5672),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let road = Arc::new(watch::Sender::new(Road::Open));
        let seen = road.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (target, road) = (target.clone(), seen.subscribe());
                tokio::spawn(async move {
                    if let Ok(far) = TcpStream::connect(target).await {
                        carry(near, far, road).await;
                    }
                });
            }
        });
        Relay { address, road }
    }

    fn uri(&self, uri: &str) -> String {
        let mut url = url::Url::parse(uri).unwrap();
        url.set_host(Some(&self.address.ip().to_string())).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }

    fn set(&self, road: Road) {
        self.road.send_replace(road);
    }
}

async fn carry(mut near: TcpStream, mut far: TcpStream, mut road: watch::Receiver<Road>) {
    loop {
        let state = *road.borrow_and_update();
        match state {
            Road::Closed => return,
            Road::Silent => {
                if road.changed().await.is_err() {
                    return;
                }
                // What was under way is lost, as it would be.
                return;
            }
            Road::Open => tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => return,
                changed = road.changed() => if changed.is_err() { return },
            },
        }
    }
}
