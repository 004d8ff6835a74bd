//! What the REST client says on the wire and what it makes of every kind of answer.

mod routeros_support;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use mikrotikvpn::error::Step;
use mikrotikvpn::routeros::{
    Deadline, Endpoint, Id, Query, QueueFields, Router, SecretFields, Trust,
};
use mikrotikvpn::secret::Secret;
use mikrotikvpn::units::{Limits, Rate, Traffic};
use mikrotikvpn::{Error, Result};
use routeros_support::bench::BOTH;
use routeros_support::{Request, Say, Wire, http, refusal, router, sound, sound_body};
use serde_json::json;

fn ids() -> (Id, Id) {
    (Id::new("*1A"), Id::new("*2B"))
}

type Operation = (&'static str, fn(&Router) -> Result<()>);

/// Every operation that one request answers.
const OPERATIONS: [Operation; 16] = [
    ("secrets", |r| r.secrets(&Query::all()).map(drop)),
    ("queues", |r| r.queues(&Query::all()).map(drop)),
    ("sessions", |r| {
        r.sessions(&Query::field("name", "a")).map(drop)
    }),
    ("interfaces", |r| r.interfaces(&Query::all()).map(drop)),
    ("profiles", |r| r.profiles(&Query::all()).map(drop)),
    ("services", |r| r.services(&Query::all()).map(drop)),
    ("resource", |r| r.resource().map(drop)),
    ("identity", |r| r.identity().map(drop)),
    ("add_secret", |r| {
        r.add_secret(&SecretFields::default()).map(drop)
    }),
    ("set_secret", |r| {
        r.set_secret(&ids().0, &SecretFields::default())
    }),
    ("remove_secret", |r| r.remove_secret(&ids().0)),
    ("add_queue", |r| {
        r.add_queue(&QueueFields::default()).map(drop)
    }),
    ("set_queue", |r| {
        r.set_queue(&ids().0, &QueueFields::default())
    }),
    ("remove_queue", |r| r.remove_queue(&ids().0)),
    ("remove_session", |r| r.remove_session(&ids().0)),
    ("reset_queue_counters", |r| {
        r.reset_queue_counters(&[ids().0, ids().1])
    }),
];

/// The error of `operation` when the router always says `bytes`.
fn error_for(bytes: Vec<u8>, operation: fn(&Router) -> Result<()>) -> Error {
    let wire = Wire::serve(move |_, _| Say::Keep(bytes.clone()));
    operation(&wire.router()).unwrap_err()
}

fn secrets(router: &Router) -> Result<()> {
    router.secrets(&Query::all()).map(drop)
}

#[test]
fn a_list_asks_for_the_id_and_no_password_in_exactly_the_form_old_versions_take() {
    let wire = Wire::serve(|_, request| Say::Keep(sound(request)));
    let query = Query::field("name", "a").or(Query::field("name", "b"));
    let rows = wire.router().secrets(&query).unwrap();
    assert_eq!(rows.len(), 2);

    let [request] = <[Request; 1]>::try_from(wire.requests()).unwrap();
    assert_eq!(request.line(), "POST /rest/ppp/secret/print HTTP/1.1");
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("accept-encoding"), None);
    // base64 of whmcs:router-pass-9
    assert_eq!(
        request.header("authorization"),
        Some("Basic d2htY3M6cm91dGVyLXBhc3MtOQ==")
    );
    let body = request.json();
    assert_eq!(body[".query"], json!(["name=a", "name=b", "#|"]));
    let proplist = body[".proplist"].as_str().unwrap();
    assert!(proplist.starts_with(".id,name,"), "{proplist}");
    assert!(!proplist.contains("password"), "{proplist}");
}

#[test]
fn an_unfiltered_list_sends_no_query_at_all() {
    let wire = Wire::serve(|_, request| Say::Keep(sound(request)));
    wire.router().queues(&Query::all()).unwrap();
    assert_eq!(wire.requests()[0].json().get(".query"), None);
}

#[test]
fn writes_carry_raw_ids_and_nothing_but_strings() {
    let wire = Wire::serve(|_, request| Say::Keep(sound(request)));
    let router = wire.router();
    let (first, second) = ids();
    let password = Secret::new("p\"ä\\");
    let secret = SecretFields {
        name: Some("alice"),
        password: Some(&password),
        service: Some("l2tp"),
        profile: Some("vpn"),
        remote_address: Some([10, 0, 0, 5].into()),
        comment: Some("x whmcs:7"),
        disabled: Some(false),
        ..SecretFields::default()
    };
    let queue = QueueFields {
        target: Some([10, 0, 0, 5].into()),
        max_limit: Some(Limits {
            download: Rate(10_000_000),
            upload: Rate(5_000_000),
        }),
        ..QueueFields::default()
    };
    assert_eq!(router.add_secret(&secret).unwrap(), first);
    router
        .set_secret(
            &first,
            &SecretFields {
                disabled: Some(true),
                ..SecretFields::default()
            },
        )
        .unwrap();
    router.remove_secret(&first).unwrap();
    assert_eq!(router.add_queue(&queue).unwrap(), first);
    router.set_queue(&first, &queue).unwrap();
    router.remove_queue(&first).unwrap();
    router.remove_session(&second).unwrap();
    router
        .reset_queue_counters(&[first.clone(), second.clone()])
        .unwrap();
    router.reset_queue_counters(&[]).unwrap();

    let said: Vec<_> = wire
        .requests()
        .iter()
        .map(|request| (request.line().to_owned(), request.json()))
        .collect();
    let post = |path: &str| format!("POST /rest/{path} HTTP/1.1");
    let limits = "5000000/10000000";
    assert_eq!(
        said,
        [
            (
                post("ppp/secret/add"),
                json!({
                    "name": "alice", "password": "p\"ä\\", "service": "l2tp", "profile": "vpn",
                    "remote-address": "10.0.0.5", "comment": "x whmcs:7", "disabled": "false",
                })
            ),
            (
                post("ppp/secret/set"),
                json!({".id": "*1A", "disabled": "true"})
            ),
            (post("ppp/secret/remove"), json!({".id": "*1A"})),
            (
                post("queue/simple/add"),
                json!({"target": "10.0.0.5/32", "max-limit": limits})
            ),
            (
                post("queue/simple/set"),
                json!({
                    ".id": "*1A", "target": "10.0.0.5/32", "max-limit": limits,
                })
            ),
            (post("queue/simple/remove"), json!({".id": "*1A"})),
            (post("ppp/active/remove"), json!({".id": "*2B"})),
            (
                post("queue/simple/reset-counters"),
                json!({".id": "*1A,*2B"})
            ),
        ]
    );
    assert_eq!(
        wire.connections(),
        1,
        "one after the other needs one connection"
    );
}

#[test]
fn an_empty_id_never_reaches_the_router() {
    let wire = Wire::serve(|_, request| Say::Keep(sound(request)));
    let router = wire.router();
    let none = Id::default();
    assert!(router.remove_secret(&none).is_err());
    assert!(router.set_queue(&none, &QueueFields::default()).is_err());
    assert!(
        router
            .reset_queue_counters(&[ids().0, none.clone()])
            .is_err()
    );
    assert_eq!(wire.requests().len(), 0);
}

#[test]
fn a_collection_is_six_requests_over_two_connections_with_the_uptime_first_and_last() {
    let wire = Wire::serve(|_, request| Say::Keep(sound(request)));
    let lists = wire.router().lists().unwrap();
    assert_eq!(lists.resource.uptime, Some(Duration::from_secs(245_540)));
    assert_eq!(
        lists.queues.get(0).unwrap().counted,
        Some(Traffic::new(2, 1))
    );
    assert_eq!(
        lists.interfaces.get(0).unwrap().counted,
        Some(Traffic::new(6, 5))
    );
    assert_eq!((lists.sessions.len(), lists.secrets.len()), (1, 2));

    let paths = wire.paths();
    let place = |path: &str| paths.iter().position(|p| p.contains(path)).unwrap();
    assert_eq!(paths.len(), 6, "{paths:?}");
    assert_eq!(place("resource"), 0);
    assert!(paths[5].contains("resource"), "{paths:?}");
    assert!(place("active") < place("interface"), "{paths:?}");
    assert!(wire.connections() <= 2, "{}", wire.connections());
}

#[test]
fn observing_an_account_is_three_requests_over_one_connection() {
    let wire = Wire::serve(|_, request| Say::Keep(sound(request)));
    let query = Query::field("name", "a").or(Query::field("name", "b"));
    let (secrets, queues, sessions) = wire.router().observe(&query, &query, &query).unwrap();
    assert_eq!((secrets.len(), queues.len(), sessions.len()), (2, 1, 1));
    assert_eq!(wire.requests().len(), 3);
    assert_eq!(wire.connections(), 1);
}

#[test]
fn policies_are_those_the_group_allows_and_services_are_no_connections() {
    let wire = Wire::serve(|_, request| Say::Keep(sound(request)));
    let router = wire.router();
    assert_eq!(
        router.group_of("whmcs").unwrap().policies,
        ["read", "write", "rest-api"]
    );
    assert_eq!(router.services(&Query::all()).unwrap().len(), 1);
    assert_eq!(router.identity().unwrap(), "MikroTik");
}

#[test]
fn every_answer_cut_at_any_byte_is_an_error() {
    for (name, operation) in OPERATIONS {
        let whole = Wire::serve(|_, request| Say::Keep(sound(request)));
        operation(&whole.router()).unwrap();
        let length = sound(&whole.requests()[0]).len();

        let wire = Wire::serve(move |number, request| {
            Say::Close(sound(request).into_iter().take(number).collect())
        });
        for cut in 0..length {
            let error = operation(&wire.router()).expect_err(&format!("{name} cut at {cut}"));
            assert!(
                !error.never_reached_router(),
                "{name} cut at {cut}: {error}"
            );
        }
        // One request each: nothing was quietly sent again, and now the answer is whole.
        operation(&wire.router()).unwrap();
        assert_eq!(wire.requests().len(), length + 1, "{name}");
    }
}

#[test]
fn a_list_without_announced_length_is_an_error_at_every_cut_too() {
    let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    for (name, operation) in &OPERATIONS[..8] {
        let wire = Wire::serve(move |number, request| {
            let body = sound_body(request.path()).as_bytes();
            Say::Close([head, &body[..number.min(body.len())]].concat())
        });
        let mut cut = 0;
        while operation(&wire.router()).is_err() {
            cut += 1;
        }
        let length = sound_body(wire.requests()[0].path()).len();
        assert_eq!(cut, length, "{name}: only the whole body is a list");
    }
}

#[test]
fn a_list_that_breaks_off_right_behind_something_like_an_end_is_no_list() {
    // Whole it would be [{"comment":"x\"}]y"},…]: an escaped quote, not the end of the list.
    let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    let wire = Wire::serve(|_, _| Say::Close([head, br#"[{"comment":"x\"}]"#.as_slice()].concat()));
    assert!(secrets(&wire.router()).is_err());
}

#[test]
fn a_collection_fails_as_a_whole_when_any_of_its_lists_is_cut() {
    for broken in ["resource", "queue", "active", "interface", "secret"] {
        let wire = Wire::serve(move |_, request| {
            let mut bytes = sound(request);
            if request.path().contains(broken) {
                bytes.truncate(bytes.len() - 1);
                Say::Close(bytes)
            } else {
                Say::Keep(bytes)
            }
        });
        assert!(wire.router().lists().is_err(), "{broken}");
    }
}

#[test]
fn an_answer_may_come_one_byte_at_a_time() {
    let wire = Wire::serve(|_, request| Say::Trickle(sound(request)));
    let router = wire.router();
    assert_eq!(router.secrets(&Query::all()).unwrap().len(), 2);
    assert_eq!(
        router.add_secret(&SecretFields::default()).unwrap(),
        ids().0
    );
}

#[test]
fn chunks_empty_bodies_and_any_success_status_are_understood() {
    let chunked =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n";
    let wire = Wire::serve(|_, _| Say::Keep(chunked.to_vec()));
    assert_eq!(wire.router().secrets(&Query::all()).unwrap(), []);

    for answer in [
        http("200 OK", ""),
        http("201 Created", "[]"),
        http("200 OK", "{}"),
        b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
    ] {
        let wire = Wire::serve(move |_, _| Say::Keep(answer.clone()));
        wire.router()
            .set_secret(&ids().0, &SecretFields::default())
            .unwrap();
        wire.router().remove_queue(&ids().0).unwrap();
    }
}

#[test]
fn an_empty_answer_to_a_list_or_an_addition_is_not_taken_for_one() {
    assert!(secrets(&Wire::serve(|_, _| Say::Keep(http("200 OK", ""))).router()).is_err());
    for body in ["", "[]", "{}", "[{}]", r#"{"ret":""}"#] {
        let error = error_for(http("200 OK", body), |r| {
            r.add_queue(&QueueFields::default()).map(drop)
        });
        assert!(error.to_string().contains("id of the new row"), "{error}");
    }
}

#[test]
fn a_dirty_comment_loses_no_row() {
    let body =
        b"[{\".id\":\"*1\",\"name\":\"a\",\"profile\":\"vpn\"},{\".id\":\"*2\",\"comment\":\"\xCF\xF0\x01 C:\\\",\
        \"name\":\"b\"},{\"name\":\"c\"}]";
    let wire = Wire::serve(move |_, _| Say::Keep(http("200 OK", body)));
    let rows = wire.router().secrets(&Query::all()).unwrap();
    let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn something_else_than_a_list_is_an_error_that_says_so() {
    let page = error_for(
        http("200 OK", "<!DOCTYPE html><title>RouterOS</title>"),
        secrets,
    );
    assert!(page.to_string().contains("web page"), "{page}");
    let object = error_for(http("200 OK", r#"{"name":"MikroTik"}"#), secrets);
    assert!(object.to_string().contains("instead of a list"), "{object}");
    let rubbish = error_for(b"\x00\x01\x02 rubbish\r\n\r\n".to_vec(), secrets);
    assert!(rubbish.to_string().contains("not HTTP"), "{rubbish}");
    let list = error_for(http("200 OK", "[]"), |r| r.resource().map(drop));
    assert!(list.to_string().contains("0 rows instead of one"), "{list}");
    let identity = error_for(http("200 OK", r#"{"name":"x"}"#), |r| {
        r.resource().map(drop)
    });
    assert!(identity.to_string().contains("no version"), "{identity}");
}

#[test]
fn refusals_come_with_the_routers_words_and_a_remedy() {
    let add = |r: &Router| {
        let fields = SecretFields {
            name: Some("alice"),
            ..SecretFields::default()
        };
        r.add_secret(&fields).map(drop)
    };
    let duplicate = "failure: secret with the same name already exists";
    let error = error_for(refusal("400 Bad Request", duplicate), add);
    assert!(error.is_duplicate());
    assert_eq!(error.refusal(), Some(duplicate));
    assert!(
        error.to_string().contains("/ppp/secret/add alice"),
        "{error}"
    );

    let error = error_for(
        refusal("500 Internal Server Error", "not enough permissions (9)"),
        add,
    );
    assert!(error.is_permission());
    assert!(
        error
            .to_string()
            .contains("policies read, write and rest-api"),
        "{error}"
    );

    for body in ["", r#"{"error":401,"message":"Unauthorized"}"#] {
        let error = error_for(http("401 Unauthorized", body), secrets);
        assert!(error.is_login(), "{error}");
        assert!(
            error.to_string().contains("username and password"),
            "{error}"
        );
    }

    let error = error_for(http("403 Forbidden", ""), secrets);
    assert!(
        error.is_refused() && error.to_string().contains("/ip/service"),
        "{error}"
    );
}

#[test]
fn a_missing_rest_service_is_not_a_missing_row() {
    for body in [
        "",
        "<html>not found</html>",
        r#"{"error":404,"message":"Not Found"}"#,
    ] {
        let error = error_for(http("404 Not Found", body), secrets);
        assert!(error.is_misuse() && !error.is_missing_item(), "{error}");
        assert!(error.to_string().contains("7.1"), "{error}");
    }
    let error = error_for(http("404 Not Found", "<html>not found</html>"), |r| {
        r.remove_secret(&ids().0)
    });
    assert!(error.is_misuse(), "{error}");
}

#[test]
fn removing_what_is_gone_is_done_and_changing_it_is_not() {
    for answer in [
        http("404 Not Found", r#"{"error":404,"message":"Not Found"}"#),
        http("404 Not Found", ""),
        refusal("400 Bad Request", "no such item"),
        refusal("400 Bad Request", "no such item (4)"),
    ] {
        let wire = Wire::serve(move |_, _| Say::Keep(answer.clone()));
        let router = wire.router();
        router.remove_secret(&ids().0).unwrap();
        router.remove_session(&ids().0).unwrap();
        let error = router
            .set_secret(&ids().0, &SecretFields::default())
            .unwrap_err();
        assert!(error.is_missing_item(), "{error}");
    }
    let other = error_for(refusal("400 Bad Request", "no such command"), |r| {
        r.remove_queue(&ids().0)
    });
    assert!(other.is_refused());
}

#[test]
fn what_may_have_been_carried_out_is_no_refusal() {
    let error = error_for(refusal("400 Bad Request", "Session closed"), secrets);
    assert_eq!(error.step(), Some(Step::Reply), "{error}");
    let error = error_for(http("502 Bad Gateway", "<html>"), secrets);
    assert_eq!(error.step(), Some(Step::Reply), "{error}");
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Wire::serve(|_, request| Say::Keep(sound(request)));
    let location = format!("http://{}/rest/ppp/secret/print", elsewhere.address);
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    let error = error_for(answer.into_bytes(), secrets);
    assert!(error.to_string().contains("elsewhere"), "{error}");
    assert_eq!(elsewhere.requests().len(), 0);
}

#[test]
fn a_look_is_repeated_once_on_a_fresh_connection_when_a_kept_one_dies_and_a_write_never() {
    let wire = Wire::serve(|number, request| match number {
        0 | 2 => Say::Keep(sound(request)),
        _ => Say::Close(Vec::new()),
    });
    let router = wire.router();
    router.identity().unwrap();
    router.secrets(&Query::all()).unwrap();
    assert_eq!(wire.requests().len(), 3);
    assert_eq!(wire.connections(), 2);

    let error = router
        .set_secret(&ids().0, &SecretFields::default())
        .unwrap_err();
    assert_eq!(error.step(), Some(Step::Reply));
    assert_eq!(wire.requests().len(), 4, "a write must not be sent twice");

    let error = router.secrets(&Query::all()).unwrap_err();
    assert_eq!(error.step(), Some(Step::Reply));
    assert_eq!(wire.requests().len(), 6, "one repetition, not more");
}

#[test]
fn a_connection_closed_at_the_very_first_request_is_not_tried_again() {
    let wire = Wire::serve(|_, _| Say::Close(Vec::new()));
    assert!(secrets(&wire.router()).is_err());
    assert_eq!(wire.requests().len(), 1);
}

#[test]
fn a_router_that_hangs_is_given_up_at_the_deadline_and_not_asked_again() {
    let wire = Wire::serve(|number, request| match number {
        0 => Say::Keep(sound(request)),
        _ => Say::Hang,
    });
    let start = Instant::now();
    let router = Router::new(
        &wire.endpoint(),
        Deadline::after(Duration::from_millis(600)),
    )
    .unwrap();
    let error = router.lists().unwrap_err();
    assert_eq!(error.step(), Some(Step::Reply), "{error}");
    let asked = wire.requests().len();
    let error = router.secrets(&Query::all()).unwrap_err();
    assert!(error.never_reached_router(), "the time is over: {error}");
    drop(router);
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(wire.requests().len(), asked);
}

#[test]
fn a_body_that_stops_half_way_is_given_up_at_the_deadline() {
    let wire = Wire::serve(|_, request| {
        let mut bytes = sound(request);
        bytes.truncate(bytes.len() - 5);
        Say::Keep(bytes)
    });
    let router = Router::new(
        &wire.endpoint(),
        Deadline::after(Duration::from_millis(400)),
    )
    .unwrap();
    assert_eq!(secrets(&router).unwrap_err().step(), Some(Step::Reply));
}

#[test]
fn a_handshake_that_hangs_is_known_not_to_have_reached_the_router() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint {
        port: listener.local_addr().unwrap().port(),
        tls: Some(Trust::default()),
        ..Wire::serve(|_, _| Say::Hang).endpoint()
    };
    let router = Router::new(&endpoint, Deadline::after(Duration::from_secs(4))).unwrap();
    let error = secrets(&router).unwrap_err();
    assert!(error.never_reached_router(), "{error}");
}

#[test]
fn a_refused_connection_and_an_unknown_name_say_what_to_check() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut endpoint = Wire::serve(|_, _| Say::Hang).endpoint();
    endpoint.port = closed.port();
    let error = secrets(&router(&endpoint)).unwrap_err();
    assert_eq!(error.step(), Some(Step::Connect));
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(error.to_string().contains("/ip/service"), "{error}");

    endpoint.host = "router.invalid".into();
    let error = secrets(&router(&endpoint)).unwrap_err();
    assert_eq!(error.step(), Some(Step::Resolve), "{error}");
    assert!(error.to_string().contains("router.invalid"), "{error}");
}

#[test]
fn tls_and_plain_ports_that_are_mixed_up_are_named() {
    // A TLS server's alert to something that is not TLS.
    let error = error_for(b"\x15\x03\x03\x00\x02\x02\x46".to_vec(), secrets);
    assert!(error.to_string().contains("switch SSL on"), "{error}");

    // Plain HTTP's answer to a ClientHello.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint {
        port: listener.local_addr().unwrap().port(),
        tls: Some(Trust::default()),
        ..Wire::serve(|_, _| Say::Hang).endpoint()
    };
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4_096]);
        let _ = stream.write_all(&http("400 Bad Request", "<html>"));
        let _ = stream.read(&mut [0; 4_096]);
    });
    let error = secrets(&router(&endpoint)).unwrap_err();
    assert_eq!(error.step(), Some(Step::Tls), "{error}");
    assert!(error.to_string().contains("does not speak TLS"), "{error}");
}

#[test]
fn settings_that_cannot_work_are_misuse_before_any_connection() {
    let sound = Wire::serve(|_, _| Say::Hang).endpoint();
    for host in [
        "",
        " ",
        "https://router",
        "router/rest",
        "user@router",
        "a b",
        "router:443",
        "r?x",
        "r#x",
    ] {
        for transport in BOTH {
            let endpoint = Endpoint {
                host: host.into(),
                transport,
                ..sound.clone()
            };
            let error = Router::new(&endpoint, Deadline::after(Duration::from_secs(1))).err();
            assert!(error.is_some_and(|error| error.is_misuse()), "{host:?}");
        }
    }
    for username in ["a:b", "a\nb"] {
        let endpoint = Endpoint {
            username: username.into(),
            ..sound.clone()
        };
        assert!(Router::new(&endpoint, Deadline::after(Duration::from_secs(1))).is_err());
    }
}

#[test]
fn no_secret_is_in_the_transcript_or_an_error_even_when_the_router_repeats_it() {
    let wire = Wire::serve(|_, request| {
        if request.path().ends_with("/add") {
            let echo = "invalid value hunter2-xyz for argument password (router-pass-9)";
            Say::Keep(refusal("400 Bad Request", echo))
        } else {
            Say::Keep(sound(request))
        }
    });
    let router = wire.router();
    let password = Secret::new("hunter2-xyz");
    let fields = SecretFields {
        name: Some("alice"),
        password: Some(&password),
        profile: Some("vpn"),
        ..SecretFields::default()
    };
    let error = router.add_secret(&fields).unwrap_err();
    router.set_secret(&ids().0, &fields).unwrap();
    let query = Query::field("name", "a").or(Query::field("name", "b"));
    router.secrets(&query).unwrap();
    router.reset_queue_counters(&[ids().0]).unwrap();

    let transcript = router.transcript();
    let told = format!("{error} {error:?} {transcript:?}");
    assert!(!told.contains("hunter2"), "{told}");
    assert!(!told.contains("router-pass"), "{told}");
    let pairs: Vec<_> = transcript
        .iter()
        .map(|entry| (entry.request.as_str(), entry.reply.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            (
                "/ppp/secret/add name=alice password=*** profile=vpn",
                "invalid value *** for argument password (***)"
            ),
            (
                "/ppp/secret/set .id=*1A name=alice password=*** profile=vpn",
                "done"
            ),
            ("/ppp/secret/print ?name=a ?name=b ?#|", "2 rows"),
            ("/queue/simple/reset-counters .id=*1A", "done"),
        ]
    );
}

#[test]
fn a_password_that_is_a_word_of_a_refusal_does_not_hide_its_meaning() {
    let wire = Wire::serve(|_, _| Say::Keep(refusal("400 Bad Request", "no such item (4)")));
    let password = Secret::new("item");
    let fields = SecretFields {
        password: Some(&password),
        ..SecretFields::default()
    };
    let error = wire.router().set_secret(&ids().0, &fields).unwrap_err();
    assert!(error.is_missing_item(), "{error}");
}

/// The names a list brings, and what is said of the rest of it.
fn names_and_remarks(body: &str) -> (Vec<String>, Vec<String>) {
    let body = body.to_owned();
    let wire = Wire::serve(move |_, _| Say::Keep(http("200 OK", &body)));
    let router = wire.router();
    let rows = router.secrets(&Query::all()).unwrap();
    router.secrets(&Query::all()).unwrap();
    let names = rows.into_iter().map(|row| row.name).collect();
    (names, router.remarks())
}

#[test]
fn a_row_whose_id_is_none_is_left_out_with_a_remark_and_no_other_with_it() {
    for id in [&"*1".repeat(17), "*é", "*1,*2", "", "* 1"] {
        let (names, remarks) = names_and_remarks(&format!(
            r#"[{{".id":"*1","name":"a","profile":"vpn"}},{{".id":"{id}","name":"b"}},{{".id":"*3","name":"c"}}]"#
        ));
        assert_eq!(names, ["a", "c"], "{id}");
        let [remark] = &remarks[..] else {
            panic!("told once: {remarks:?}")
        };
        assert!(
            remark.contains("/ppp/secret/print has rows (1)"),
            "{remark}"
        );
    }
}

#[test]
fn a_session_whose_id_is_none_is_left_out_with_a_remark() {
    let long = "0".repeat(33);
    let body = format!(
        r#"[{{".id":"*1","name":"a","session-id":"0x81100000"}},{{".id":"*2","name":"b","session-id":"{long}"}},
            {{".id":"*3","name":"c","session-id":""}}]"#
    );
    let wire = Wire::serve(move |_, _| Say::Keep(http("200 OK", &body)));
    let router = wire.router();
    let sessions = router.sessions(&Query::all()).unwrap();
    let names: Vec<_> = sessions.into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["a", "c"]);
    assert_eq!(router.remarks().len(), 1);
}

#[test]
fn a_value_that_is_too_long_is_taken_as_not_sent_and_a_row_that_is_too_long_is_left_out() {
    let (value, row) = ("x".repeat(100_000), "x".repeat(300_000));
    let (names, remarks) = names_and_remarks(&format!(
        r#"[{{".id":"*1","name":"a","last-caller-id":"{value}","profile":"vpn"}},
            {{".id":"*2","name":"b","last-caller-id":"{row}"}},{{".id":"*3","name":"c"}}]"#
    ));
    assert_eq!(names, ["a", "c"]);
    assert_eq!(remarks.len(), 2, "{remarks:?}");
    assert!(remarks[0].contains("left out") && remarks[1].contains("without those texts"));
}

#[test]
fn a_look_at_one_account_fails_rather_than_miss_a_row_of_it() {
    let body = format!(
        r#"[{{".id":"*1","name":"a","comment":"{}"}}]"#,
        "x".repeat(300_000)
    );
    let wire = Wire::serve(move |_, _| Say::Keep(http("200 OK", &body)));
    let error = wire
        .router()
        .secrets(&Query::field("name", "a"))
        .unwrap_err();
    assert!(error.to_string().contains("longer than"), "{error}");
}

#[test]
fn a_router_that_repeats_the_login_gets_no_form_of_it_into_a_sentence_or_the_log() {
    let forms = [
        "router-pass-9",
        "Basic d2htY3M6cm91dGVyLXBhc3MtOQ==",
        "cm91dGVyLXBhc3MtOQ",
        "726f757465722d706173732d39",
    ];
    let detail = forms.join(" and ");
    let wire = Wire::serve(move |_, _| Say::Keep(refusal("400 Bad Request", &detail)));
    let router = wire.router();
    let error = router.identity().unwrap_err().to_string();
    let log: String = router
        .transcript()
        .into_iter()
        .map(|exchange| exchange.reply)
        .collect();
    for form in forms {
        let form = form.trim_start_matches("Basic ");
        assert!(
            !error.contains(form) && !log.contains(form),
            "{error}\n{log}"
        );
    }
    assert!(error.contains("*** and"), "{error}");
}
