//! What the client of the binary API says on the wire, and what it makes of every kind of answer.

mod routeros_support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mikrotikvpn::Result;
use mikrotikvpn::error::Step;
use mikrotikvpn::routeros::{
    Counters, Deadline, Endpoint, Id, Query, QueueFields, ResetFate, Router, SecretFields,
    TransportKind, Trust,
};
use mikrotikvpn::secret::Secret;
use mikrotikvpn::units::Traffic;
use router_sim::{Dial, Effect, Fault, Options, Seed, ServerOptions};
use routeros_support::bench::{BOTH, Bench, open};

const API: TransportKind = TransportKind::Api;

/// What a scripted router does with a sentence; `{tag}` in words is the tag of the command.
#[derive(Clone)]
enum Say {
    /// These sentences.
    Words(Vec<Vec<String>>),
    /// The first bytes of them; then it closes.
    Cut(Vec<Vec<String>>, usize),
    /// One byte at a time.
    Bytes(Vec<Vec<String>>),
    /// These bytes, whatever they are.
    Raw(Vec<u8>),
}

/// A router that says what a test wants, login included.
struct Script {
    endpoint: Endpoint,
    heard: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Script {
    /// Answers the `n`th sentence (from 0, logins not counted) with `say`.
    fn serve(say: impl Fn(usize, &[String]) -> Say + Send + Sync + 'static) -> Self {
        Self::with_login(vec![vec!["!done".into()]], say)
    }

    fn with_login(
        login: Vec<Vec<String>>,
        say: impl Fn(usize, &[String]) -> Say + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
        let all = Arc::clone(&heard);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                while let Some(words) = sentence(&mut stream) {
                    let said = if words[0] == "/login" {
                        stream.write_all(&encoded(&login, "")).is_ok()
                    } else {
                        let number = {
                            let mut all = all.lock().unwrap();
                            all.push(words.clone());
                            all.len() - 1
                        };
                        perform(&mut stream, say(number, &words), &tag(&words))
                    };
                    if !said {
                        break;
                    }
                }
            }
        });
        let endpoint = Endpoint {
            host: "127.0.0.1".into(),
            port,
            tls: None,
            transport: API,
            username: "whmcs".into(),
            password: Secret::new("router-pass-9"),
        };
        Self { endpoint, heard }
    }

    fn router(&self) -> Router {
        open(&self.endpoint)
    }

    fn heard(&self) -> Vec<Vec<String>> {
        self.heard.lock().unwrap().clone()
    }
}

/// Says it; gives whether the connection stays.
fn perform(stream: &mut TcpStream, say: Say, tag: &str) -> bool {
    match say {
        Say::Words(sentences) => stream.write_all(&encoded(&sentences, tag)).is_ok(),
        Say::Raw(bytes) => stream.write_all(&bytes).is_ok(),
        Say::Cut(sentences, after) => {
            let bytes = encoded(&sentences, tag);
            let _ = stream.write_all(&bytes[..after.min(bytes.len())]);
            false
        }
        Say::Bytes(sentences) => {
            stream.set_nodelay(true).unwrap();
            encoded(&sentences, tag)
                .iter()
                .all(|byte| stream.write_all(&[*byte]).is_ok())
        }
    }
}

fn sentence(stream: &mut impl Read) -> Option<Vec<String>> {
    let mut words = Vec::new();
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        let length = match byte[0] {
            0 => return Some(words),
            short @ 1..=0x7F => usize::from(short),
            long => {
                let high = usize::from(long & 0x3F);
                stream.read_exact(&mut byte).ok()?;
                high << 8 | usize::from(byte[0])
            }
        };
        let mut word = vec![0; length];
        stream.read_exact(&mut word).ok()?;
        words.push(String::from_utf8(word).unwrap());
    }
}

fn tag(words: &[String]) -> String {
    let tag = words.iter().find_map(|word| word.strip_prefix(".tag="));
    tag.unwrap_or_default().to_owned()
}

fn encoded(sentences: &[Vec<String>], tag: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for words in sentences {
        for word in words {
            let word = word.replace("{tag}", tag);
            let length = u16::try_from(word.len()).unwrap();
            if length < 0x80 {
                bytes.push(u8::try_from(length).unwrap());
            } else {
                bytes.extend((length | 0x8000).to_be_bytes());
            }
            bytes.extend(word.bytes());
        }
        bytes.push(0);
    }
    bytes
}

/// Sentences of words in one line, `;` between sentences, each with its tag.
fn script(text: &str) -> Vec<Vec<String>> {
    text.split(';')
        .map(|sentence| {
            let mut words: Vec<String> = sentence.split_whitespace().map(str::to_owned).collect();
            words.insert(1, ".tag={tag}".into());
            words
        })
        .collect()
}

/// A sound answer to any command we give.
fn sound(words: &[String]) -> Vec<Vec<String>> {
    script(match words[0].as_str() {
        "/system/resource/print" => "!re =uptime=1d =version=7.20; !done",
        "/system/identity/print" => "!re =name=MikroTik; !done",
        "/ppp/secret/print" => {
            "!re =.id=*1 =name=a =profile=vpn =comment=x=y; !re =.id=*2 =name=b =profile=vpn; !done"
        }
        "/queue/simple/print" => "!re =.id=*1 =name=a =bytes=1/2; !done",
        "/interface/print" => "!re =.id=*7 =name=a =type=ether; !done",
        path if path.ends_with("/print") => "!re =.id=*7 =name=a =uptime=1s; !done",
        path if path.ends_with("/add") => "!done =ret=*1A",
        _ => "!done",
    })
}

type Operation = (&'static str, fn(&Router) -> Result<()>);

/// Every operation that one command answers.
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
        r.set_secret(&Id::new("*1A"), &SecretFields::default())
    }),
    ("remove_secret", |r| r.remove_secret(&Id::new("*1A"))),
    ("add_queue", |r| {
        r.add_queue(&QueueFields::default()).map(drop)
    }),
    ("set_queue", |r| {
        r.set_queue(&Id::new("*1A"), &QueueFields::default())
    }),
    ("remove_queue", |r| r.remove_queue(&Id::new("*1A"))),
    ("remove_session", |r| r.remove_session(&Id::new("*1A"))),
    ("reset_queue_counters", |r| {
        r.reset_queue_counters(&[Id::new("*1A"), Id::new("*2B")])
    }),
];

#[test]
fn every_answer_cut_at_any_byte_is_an_error_and_nothing_is_given_twice() {
    for (name, operation) in OPERATIONS {
        let whole = Script::serve(|_, words| Say::Words(sound(words)));
        operation(&whole.router()).unwrap();
        let length = encoded(&sound(&whole.heard()[0]), "1").len();

        let script = Script::serve(|number, words| Say::Cut(sound(words), number));
        for cut in 0..length {
            let error = operation(&script.router()).expect_err(&format!("{name} cut at {cut}"));
            assert_eq!(
                error.step(),
                Some(Step::Reply),
                "{name} cut at {cut}: {error}"
            );
        }
        operation(&script.router()).unwrap();
        assert_eq!(script.heard().len(), length + 1, "{name}");
    }
}

#[test]
fn every_answer_that_comes_byte_by_byte_is_understood() {
    for (name, operation) in OPERATIONS {
        let script = Script::serve(|_, words| Say::Bytes(sound(words)));
        operation(&script.router()).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn commands_are_the_words_of_the_console() {
    let script = Script::serve(|_, words| Say::Words(sound(words)));
    let router = script.router();
    let password = Secret::new("p\"ä=\\");
    let fields = SecretFields {
        name: Some("alice"),
        password: Some(&password),
        comment: Some(""),
        ..SecretFields::default()
    };
    let id = router.add_secret(&fields).unwrap();
    assert_eq!(id, Id::new("*1A"));
    router.remove_session(&Id::new("*2B")).unwrap();
    router
        .reset_queue_counters(&[id.clone(), Id::new("*2B")])
        .unwrap();
    router.reset_queue_counters(&[]).unwrap();
    let query = Query::field("name", "a").or(Query::field("name", "b"));
    let query = query.or(Query::field("name", "a=b"));
    assert_eq!(router.secrets(&query).unwrap()[0].comment, "x=y");

    let mut heard = script.heard();
    let print = heard.pop().unwrap();
    assert_eq!(
        heard,
        [
            vec![
                "/ppp/secret/add",
                ".tag=1",
                "=name=alice",
                "=password=p\"ä=\\",
                "=comment="
            ],
            vec!["/ppp/active/remove", ".tag=2", "=.id=*2B"],
            vec!["/queue/simple/reset-counters", ".tag=3", "=.id=*1A,*2B"],
        ]
    );
    assert!(print[2].starts_with("=.proplist=.id,name,"), "{}", print[2]);
    assert!(!print[2].contains("password"), "{}", print[2]);
    let asked = ["?name=a", "?name=b", "?#|", "?name=a=b", "?#|"];
    assert_eq!(print[3..], asked);
}

#[test]
fn the_recorded_dialogues_are_understood() {
    let text = include_str!("router/data/samples/api-words.json");
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    for row in file["rows"].as_array().unwrap() {
        let id = row["id"].as_str().unwrap();
        let said: Vec<Vec<String>> = row["dialogue"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line[0] == "<")
            .map(|line| {
                let words = line[1].as_array().unwrap().iter();
                words
                    .map(|word| word.as_str().unwrap().to_owned())
                    .collect()
            })
            .collect();
        check_dialogue(id, said);
    }
}

fn check_dialogue(id: &str, said: Vec<Vec<String>>) {
    let fine = |_: usize, words: &[String]| Say::Words(sound(words));
    if id.starts_with("login") {
        let outcome = Script::with_login(said, fine).router().identity();
        match id {
            "login-6.43+" => drop(outcome.unwrap()),
            "login-pre-6.43" => {
                let error = outcome.unwrap_err();
                assert!(
                    error.is_misuse() && error.to_string().contains("6.43"),
                    "{error}"
                );
            }
            _ => assert!(outcome.unwrap_err().is_login(), "{id}"),
        }
        return;
    }
    // the dialogues that were not cancelled or ended, with our tag
    let tagged: Vec<Vec<String>> = said
        .into_iter()
        .filter(|words| !words.contains(&".tag=20".to_owned()))
        .map(|mut words| {
            words.retain(|word| !word.starts_with(".tag="));
            words.insert(1, ".tag={tag}".into());
            words
        })
        .collect();
    let rows = |wanted: usize| {
        let tagged = tagged.clone();
        let script = Script::serve(move |_, _| Say::Words(tagged.clone()));
        let rows = script.router().profiles(&Query::all()).unwrap();
        assert_eq!(rows.len(), wanted, "{id}");
    };
    let refused = |words: &str| {
        let tagged = tagged.clone();
        let script = Script::serve(move |_, _| Say::Words(tagged.clone()));
        let error = script
            .router()
            .set_secret(&Id::new("*1"), &SecretFields::default())
            .unwrap_err();
        let told = error.to_string();
        assert!(told.contains(words), "{id}: {told}");
        error
    };
    match id {
        "empty-re" | "progress-section" => rows(2),
        "empty-7.18+" => rows(0),
        "add" => {
            let script = Script::serve(move |_, _| Say::Words(tagged.clone()));
            let id = script.router().add_queue(&QueueFields::default()).unwrap();
            assert_eq!(id, Id::new("*3"));
        }
        "listen-cancel" => drop(refused("interrupted")),
        "not-logged-in" => drop(refused("not logged in")),
        "quit" => drop(refused("session terminated on request")),
        "trap-category" => drop(refused("input does not match any value of interface")),
        "no-such-item" => assert!(refused("no such item").is_missing_item()),
        "duplicate" => assert!(refused("already exists").is_duplicate()),
        "permission" => assert!(refused("permissions").is_permission()),
        other => panic!("{other} is not checked"),
    }
}

#[test]
fn an_answer_that_is_no_sentence_is_named_and_ends_the_session() {
    for (bytes, words) in [
        (&b"\xF8"[..], "0xf8"),
        (b"\xF3", "0xf3"),
        (b"\xF0\xFF\xFF\xFF\xFF", "longer than any"),
        (b"\x05!news\x00", "\"!news\""),
        (b"\x10HTTP/1.1 400 Bad\x00", "not the binary API"),
        (b"\x05!done\x06.tag=9\x00", "not given"),
        (b"\x05!done\x00", "not given"),
    ] {
        let script = Script::serve(move |_, _| Say::Raw(bytes.to_vec()));
        let router = script.router();
        for _ in 0..2 {
            let error = router.identity().unwrap_err();
            assert!(!error.is_network(), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

#[test]
fn a_session_that_ended_while_idle_is_replaced_for_a_look_and_not_for_a_change() {
    let script = Script::serve(|number, words| match number {
        1 | 4 => Say::Cut(Vec::new(), 0),
        _ => Say::Words(sound(words)),
    });
    let router = script.router();
    router.identity().unwrap();
    router.identity().unwrap();
    assert_eq!(script.heard().len(), 3);
    router.identity().unwrap();
    let error = router.remove_queue(&Id::new("*1")).unwrap_err();
    assert_eq!(error.step(), Some(Step::Reply), "{error}");
    assert_eq!(script.heard().len(), 5);
    router.remove_queue(&Id::new("*1")).unwrap();
}

#[test]
fn a_router_that_is_silent_is_given_up_in_time() {
    let script = Script::serve(|_, _| Say::Raw(Vec::new()));
    let start = Instant::now();
    let router = Router::new(
        &script.endpoint,
        Deadline::after(Duration::from_millis(400)),
    )
    .unwrap();
    let error = router.identity().unwrap_err();
    assert_eq!(error.step(), Some(Step::Reply), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));

    // Accepted by the system, answered by nobody.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut endpoint = script.endpoint.clone();
    endpoint.port = listener.local_addr().unwrap().port();
    for tls in [None, Some(Trust::default())] {
        endpoint.tls = tls;
        let deadline = Deadline::after(Duration::from_millis(400));
        let error = Router::new(&endpoint, deadline)
            .unwrap()
            .identity()
            .unwrap_err();
        assert!(error.never_reached_router(), "{error}");
    }
}

#[test]
fn a_refusal_that_repeats_a_password_is_masked() {
    let script = Script::serve(|_, _| Say::Words(script("!trap =message=bad:hunter2-xyz; !done")));
    let password = Secret::new("hunter2-xyz");
    let fields = SecretFields {
        password: Some(&password),
        ..SecretFields::default()
    };
    let router = script.router();
    let told = router.add_secret(&fields).unwrap_err().to_string();
    assert!(told.contains("bad:***"), "{told}");
    let log = format!("{:?}", router.transcript());
    assert!(
        !log.contains("hunter2") && !log.contains("router-pass"),
        "{log}"
    );
}

#[test]
fn a_router_without_certificate_is_told_how_to_get_one() {
    let ports = ServerOptions {
        api_anonymous: true,
        ..ServerOptions::api()
    };
    let bench = Bench::on(API, Options::default(), &ports);
    let error = bench.ask_over_tls(Trust::default()).unwrap_err();
    assert_eq!(error.step(), Some(Step::Tls), "{error}");
    let told = error.to_string();
    for command in [
        "/certificate add name=api-ssl common-name=127.0.0.1",
        "/certificate sign api-ssl",
        "/ip service set api-ssl certificate=api-ssl",
    ] {
        assert!(told.contains(command), "{told}");
    }
}

#[test]
fn plain_against_tls_and_the_other_way_round_are_named() {
    let bench = Bench::plain(API);
    let mut endpoint = bench.endpoint(None);
    endpoint.port = bench.server.api_tls_address().unwrap().port();
    let error = open(&endpoint).identity().unwrap_err();
    assert!(error.to_string().contains("switch SSL on"), "{error}");

    let mut endpoint = bench.endpoint(Some(bench.pin()));
    endpoint.port = bench.server.api_address().unwrap().port();
    let error = open(&endpoint).identity().unwrap_err();
    assert_eq!(error.step(), Some(Step::Tls), "{error}");
}

#[test]
fn the_oddities_of_the_binary_api_are_lived_with() {
    for effect in [
        Effect::LongLengths,
        Effect::DeadRow {
            spelling: "yes".into(),
        },
        Effect::DeadRow {
            spelling: "true".into(),
        },
        Effect::Trickle { bytes: 7, ms: 0 },
    ] {
        let bench = seeded(&effect);
        let rows = bench.router().secrets(&Query::all()).unwrap();
        assert_eq!(rows.len(), 3, "{effect:?}");
    }
    // Every row has the id that was asked for.
    let bench = seeded(&Effect::EmptyRows);
    let error = bench.router().secrets(&Query::all()).unwrap_err();
    assert!(error.to_string().contains("another command"), "{error}");
}

#[test]
fn what_breaks_an_answer_is_an_error_and_the_next_command_works() {
    let reply = Some(Step::Reply);
    for (effect, step) in [
        (Effect::UnknownWord, None),
        (Effect::ControlByte, None),
        (
            Effect::Fatal {
                reason: "not logged in".into(),
            },
            reply,
        ),
        (Effect::Cut { after: 60 }, reply),
        (Effect::CloseBeforeStatus, reply),
        (Effect::Reset, reply),
        (Effect::AppliedButNoAnswer { hang: false }, reply),
    ] {
        let bench = Bench::plain(API);
        let seed = Seed {
            accounts: 3,
            ..Seed::default()
        };
        bench.sim.seed(&seed).unwrap();
        let fault = Fault::at("/ppp/secret", "print", effect.clone());
        bench.sim.fault(fault.times(1));
        let router = bench.router();
        let error = router.secrets(&Query::all()).unwrap_err();
        assert_eq!(error.step(), step, "{effect:?}: {error}");
        let rows = router.secrets(&Query::all()).unwrap();
        assert_eq!(rows.len(), 3, "{effect:?}");
    }
}

#[test]
fn refusals_are_read_with_and_without_category_and_all_of_them() {
    let bench = Bench::plain(API);
    bench.sim.fault(Fault::always(Effect::BareTraps));
    bench.router().remove_secret(&Id::new("*FFF")).unwrap();

    let texts = vec!["first reason".to_owned(), "second reason".to_owned()];
    bench
        .sim
        .fault(Fault::always(Effect::SeveralTraps { texts }));
    let told = bench.router().identity().unwrap_err().to_string();
    assert!(told.contains("first reason; second reason"), "{told}");
}

#[test]
fn a_menu_the_router_lacks_is_recognised_in_the_words_of_every_version() {
    for version in ["6.49.17", "7.12.2", "7.13.5", "7.19.6", "7.20"] {
        let options = Options::version(version.parse().unwrap());
        let bench = Bench::new(API, options, router_sim::CertificateStyle::SelfSigned);
        let router = bench.router();
        let error = router.vpn_servers("wifi").unwrap_err();
        assert!(error.is_missing_menu(), "{version}: {error}");
        // the second of two refusals is not taken for the answer to the next command
        assert_eq!(router.identity().unwrap(), "MikroTik", "{version}");
    }
}

#[test]
fn replies_that_mix_are_told_apart() {
    let bench = seeded(&Effect::Interleave);
    let lists = bench.router().lists().unwrap();
    assert_eq!((lists.secrets.len(), lists.queues.len()), (3, 3));
    let names: Vec<_> = lists.queues.iter().map(|queue| queue.name).collect();
    assert_eq!(names, ["account1", "account2", "account3"]);
    assert_eq!(bench.sim.counts().connections, 1);
}

fn seeded(effect: &Effect) -> Bench {
    let bench = Bench::plain(API);
    let seed = Seed {
        accounts: 3,
        ..Seed::default()
    };
    bench.sim.seed(&seed).unwrap();
    for menu in ["/ppp/secret", "/queue/simple", "/ppp/active", "/interface"] {
        bench.sim.fault(Fault::at(menu, "print", effect.clone()));
    }
    bench
}

#[test]
fn a_last_reading_and_the_reset_behind_it_are_one_operation() {
    for transport in BOTH {
        let bench = Bench::plain(transport);
        let seed = Seed {
            accounts: 2,
            connect: true,
            ..Seed::default()
        };
        bench.sim.seed(&seed).unwrap();
        bench.sim.traffic("account1", 100, 2_000);
        bench.sim.traffic("account2", 1, 2);
        let router = bench.router();
        let id = router.queues(&Query::field("name", "account1")).unwrap()[0]
            .id
            .clone();
        let reading = router.queue_counters_then_reset(&[id]);
        // The router mixes the replies of commands that are under way together.
        let fate = match transport {
            TransportKind::Rest => ResetFate::Done,
            TransportKind::Api => ResetFate::DoneAhead,
        };
        assert_eq!(reading.fates, [fate]);
        assert_eq!(counted(&reading.counters), [(2_000, 100), (2, 1)]);
        assert!(reading.failure.is_none());
        let after = router.queue_counters().unwrap();
        assert_eq!(counted(&after), [(0, 0), (2, 1)]);

        // A reset that is refused leaves the reading true.
        let reading = router.queue_counters_then_reset(&[Id::new("*FFF")]);
        assert_eq!(reading.fates, [ResetFate::Refused]);
        assert_eq!(reading.counters.len(), 2);
        let reading = router.queue_counters_then_reset(&[]);
        assert_eq!((reading.counters.len(), reading.fates.len()), (2, 0));
    }
}

fn counted(counters: &Counters) -> Vec<(u64, u64)> {
    let counted = |row| counters.get(row)?.counted;
    (0..counters.len())
        .filter_map(counted)
        .map(|traffic: Traffic| (traffic.download.0, traffic.upload.0))
        .collect()
}

fn ids(count: usize) -> Vec<Id> {
    (1..=count).map(|id| Id::new(format!("*{id:X}"))).collect()
}

#[test]
fn over_the_api_a_reading_and_all_its_resets_are_one_write() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        sentence(&mut stream).unwrap();
        stream.write_all(b"\x05!done\x00").unwrap();
        // One read gives one write, as long as it fits into the socket.
        let mut bytes = vec![0; 64 << 10];
        let count = stream.read(&mut bytes).unwrap();
        let mut together = &bytes[..count];
        // The reading breaks off, and nobody knows about the resets.
        std::iter::from_fn(|| sentence(&mut together)).collect::<Vec<_>>()
    });
    let endpoint = Endpoint {
        port,
        ..Script::serve(|_, _| Say::Raw(Vec::new())).endpoint
    };
    let ids = ids(5_000);
    let reading = open(&endpoint).queue_counters_then_reset(&ids);
    let error = reading.failure.unwrap();
    assert_eq!(error.step(), Some(Step::Reply));
    let told = error.to_string();
    assert!(told.contains("may have been set to zero"), "{told}");
    assert_eq!(reading.fates, vec![ResetFate::Unknown; ids.len()]);
    let heard = server.join().unwrap();
    assert_eq!(heard[0][0], "/queue/simple/print");
    assert_eq!(heard.len(), 8, "no more than are let under way");
    let mut reset = Vec::new();
    for words in &heard[1..] {
        assert_eq!(words[0], "/queue/simple/reset-counters");
        let list = words.iter().find_map(|word| word.strip_prefix("=.id="));
        reset.extend(list.unwrap().split(',').map(Id::new));
    }
    assert_eq!(reset, ids, "each once");
}

#[test]
fn a_reset_the_router_is_done_with_before_the_reading_leaves_that_in_doubt() {
    let print = Mutex::new(String::new());
    let script = Script::serve(move |_, words| {
        let mut print = print.lock().unwrap();
        if words[0].ends_with("/print") {
            *print = tag(words);
            return Say::Raw(Vec::new());
        }
        let mut bytes = encoded(&script("!done"), &tag(words));
        bytes.extend(encoded(&script("!re =.id=*1 =bytes=7/9;!done"), &print));
        Say::Raw(bytes)
    });
    let reading = script.router().queue_counters_then_reset(&ids(1));
    assert_eq!(reading.fates, [ResetFate::DoneAhead]);
    assert!(reading.failure.is_none());
}

#[test]
fn over_rest_nothing_is_reset_behind_a_reading_that_failed() {
    let bench = Bench::plain(TransportKind::Rest);
    bench.sim.fault(Fault::at(
        "/queue/simple",
        "print",
        Effect::Cut { after: 9 },
    ));
    let reading = bench.router().queue_counters_then_reset(&ids(2));
    assert_eq!(reading.fates, [ResetFate::Unsent; 2]);
    assert!(reading.failure.is_some());
    let resets = bench.sim.counts().requests;
    assert!(!resets.keys().any(|kind| kind.contains("reset-counters")));
}

#[test]
fn version_6_is_understood() {
    let options = Options::version("6.49.10".parse().unwrap());
    let bench = Bench::new(API, options, router_sim::CertificateStyle::SelfSigned);
    let seed = Seed {
        accounts: 2,
        ..Seed::default()
    };
    bench.sim.seed(&seed).unwrap();
    bench.sim.connect(&Dial::l2tp("account1")).unwrap();
    bench
        .sim
        .exec("/ppp/secret/disable", &[("numbers", "account2")])
        .unwrap();
    let router = bench.router();
    let secrets = router.secrets(&Query::all()).unwrap();
    assert_eq!(
        secrets.iter().map(|row| row.disabled).collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(
        router.sessions(&Query::field("name", "nobody")).unwrap(),
        []
    );
    assert_eq!(router.sessions(&Query::all()).unwrap().len(), 1);
    let policies = router.group_of("whmcs").unwrap().policies;
    assert!(policies.iter().any(|policy| policy == "api"));
    assert!(!policies.iter().any(|policy| policy == "rest-api"));
}
