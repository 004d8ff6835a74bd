//! A future may be dropped at any poll: the next command must find a router that can be used.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use router_sim::{Options, Router as Sim, Server, ServerOptions};

use super::api::Api;
use super::client::Client;
use super::command::{Transport, Value};
use super::rest::Rest;
use super::rows::{Id, SecretRow};
use super::{Deadline, Endpoint, Query, TransportKind};
use crate::error::Result;
use crate::secret::Secret;

fn client(server: &Server, transport: TransportKind) -> Client {
    let address = match transport {
        TransportKind::Rest => server.address(),
        TransportKind::Api => server.api_address(),
    };
    let endpoint = Endpoint {
        host: "127.0.0.1".into(),
        port: address.unwrap().port(),
        tls: None,
        transport,
        username: "whmcs".into(),
        password: Secret::new("p"),
    };
    let deadline = Deadline::after(Duration::from_secs(60));
    let transport: Box<dyn Transport> = match transport {
        TransportKind::Rest => Box::new(Rest::new(&endpoint, deadline).unwrap()),
        TransportKind::Api => Box::new(Api::new(&endpoint, deadline).unwrap()),
    };
    Client::new(transport, endpoint.name(), deadline)
}

/// Polls `work` at most so many times; `None` when it was not ready by then.
async fn polled<T>(work: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut work = pin!(work);
    let mut polls = 0;
    poll_fn(move |cx| {
        polls += 1;
        match work.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if polls >= times => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

type Operation = for<'a> fn(&'a Client, &'a Id) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// A list, a single row, a change of each kind.
const OPERATIONS: [Operation; 5] = [
    |client, _| {
        Box::pin(async {
            let query = Query::all();
            client.list::<SecretRow>(&query).await.map(drop)
        })
    },
    |client, _| Box::pin(async { client.resource().await.map(drop) }),
    |client, id| {
        Box::pin(async move {
            let fields = [("comment", Value::from("dropped"))];
            client.set("/ppp/secret", id, &fields).await
        })
    },
    |client, id| {
        Box::pin(async move { client.reset_queue_counters(std::slice::from_ref(id)).await })
    },
    |client, _| Box::pin(async { client.remove("/ppp/secret", &Id::new("*FFFF")).await }),
];

/// Drops `operation` at every poll, on a client that is new each time or one that was used before.
async fn drop_everywhere(server: &Server, kind: TransportKind, operation: Operation, id: &Id) {
    for used in [false, true] {
        let mut times = 1;
        loop {
            let client = client(server, kind);
            if used {
                client.resource().await.unwrap();
            }
            let finished = polled(operation(&client, id), times).await;
            let query = Query::field("name", "a1");
            let rows = client.list::<SecretRow>(&query).await.unwrap();
            assert_eq!(rows.len(), 1, "{kind:?} dropped after {times} polls");
            operation(&client, id).await.unwrap();
            if let Some(outcome) = finished {
                outcome.unwrap();
                assert!(times > 1, "it waits for the network at least once");
                break;
            }
            times += 1;
        }
    }
}

#[test]
fn a_future_dropped_at_any_poll_leaves_a_client_that_works() {
    let sim = Sim::new(Options::default());
    sim.add_user("whmcs", "p", "full").unwrap();
    for number in 0..300 {
        let name = format!("a{number}");
        sim.exec("/ppp/secret/add", &[("name", &name)]).unwrap();
        sim.exec(
            "/queue/simple/add",
            &[("name", &name), ("target", "10.0.0.1")],
        )
        .unwrap();
    }
    let rest = Server::start(&sim, &ServerOptions::default()).unwrap();
    let api = Server::start(&sim, &ServerOptions::api()).unwrap();
    let id = Id::new(sim.id(router_sim::TableId::Queue, "a1").unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for operation in OPERATIONS {
        runtime.block_on(drop_everywhere(&rest, TransportKind::Rest, operation, &id));
        runtime.block_on(drop_everywhere(&api, TransportKind::Api, operation, &id));
    }
}
