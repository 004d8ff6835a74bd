//! The binary API: the recorded dialogues, tags, login, and what goes wrong, heard by a client that says
//! exactly what it is told.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;

use router_sim::{Effect, Fault, Hand, Options, Router, Server, ServerOptions};

struct Sim {
    router: Router,
    server: Server,
}

impl Sim {
    fn version(version: &str) -> Self {
        let options = Options {
            failed_login_delay_ms: 0,
            ..Options::version(version.parse().unwrap())
        };
        let router = Router::new(options);
        router.add_user("whmcs", "p=w", "full").unwrap();
        let server = Server::start(&router, &ServerOptions::api()).unwrap();
        Self { router, server }
    }

    fn open(&self) -> Client {
        Client(TcpStream::connect(self.server.api_address().unwrap()).unwrap())
    }

    fn logged_in(&self) -> Client {
        let mut client = self.open();
        client.say(&["/login", "=name=whmcs", "=password=p=w"]);
        assert_eq!(client.hear().unwrap(), ["!done"]);
        client
    }
}

struct Client(TcpStream);

impl Client {
    fn say(&mut self, words: &[&str]) {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        self.say_bytes(&words);
    }

    fn say_bytes(&mut self, words: &[&[u8]]) {
        let mut bytes = Vec::new();
        for word in words {
            bytes.push(u8::try_from(word.len()).unwrap());
            bytes.extend_from_slice(word);
        }
        bytes.push(0);
        self.0.write_all(&bytes).unwrap();
    }

    /// The next sentence; `None` when the connection has ended.
    fn hear(&mut self) -> Option<Vec<String>> {
        let words = self.hear_bytes()?;
        let text = |word: &Vec<u8>| String::from_utf8_lossy(word).into_owned();
        Some(words.iter().map(text).collect())
    }

    fn hear_bytes(&mut self) -> Option<Vec<Vec<u8>>> {
        let mut words = Vec::new();
        loop {
            let length = self.length()?;
            if length == 0 {
                return Some(words);
            }
            let mut word = vec![0; length];
            self.0.read_exact(&mut word).ok()?;
            words.push(word);
        }
    }

    fn length(&mut self) -> Option<usize> {
        let first = self.byte()?;
        let (start, more) = match first {
            0..=0x7F => (first, 0),
            0x80..=0xBF => (first & 0x3F, 1),
            0xC0..=0xDF => (first & 0x1F, 2),
            0xF0 => (0, 4),
            _ => return None,
        };
        let mut length = usize::from(start);
        for _ in 0..more {
            length = length << 8 | usize::from(self.byte()?);
        }
        Some(length)
    }

    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        self.0.read_exact(&mut byte).ok()?;
        Some(byte[0])
    }

    /// Everything up to and with `!done`, of commands without tags.
    fn ask(&mut self, words: &[&str]) -> Vec<Vec<String>> {
        self.say(words);
        let mut all = Vec::new();
        loop {
            let sentence = self.hear().expect("an answer");
            let last = sentence[0] == "!done";
            all.push(sentence);
            if last {
                return all;
            }
        }
    }
}

/// What the recorded client said and what it heard.
fn dialogue(id: &str) -> Vec<(bool, Vec<String>)> {
    let text = include_str!("../data/samples/api-words.json");
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    let rows = file["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == id).unwrap();
    let lines = row["dialogue"].as_array().unwrap().iter();
    lines
        .map(|line| {
            let words = line[1].as_array().unwrap().iter();
            let words = words.map(|word| word.as_str().unwrap().to_owned());
            (line[0] == ">", words.collect())
        })
        .collect()
}

fn play(client: &mut Client, id: &str, skip: &[&str]) {
    for (ours, words) in dialogue(id) {
        if ours {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            client.say(&words);
        } else {
            let heard = client.hear().unwrap_or_default();
            let same = |word: &&String| !skip.iter().any(|skip| word.starts_with(skip));
            assert_eq!(
                heard.iter().filter(same).collect::<Vec<_>>(),
                words.iter().filter(same).collect::<Vec<_>>(),
                "{id}"
            );
        }
    }
}

#[test]
fn recorded_dialogues_are_played_word_for_word() {
    let sim = Sim::version("7.20");
    play(&mut sim.open(), "login-failed-new", &[]);
    let mut stranger = sim.open();
    play(&mut stranger, "not-logged-in", &[]);
    assert_eq!(stranger.hear(), None, "the connection is closed");
    let mut leaver = sim.logged_in();
    play(&mut leaver, "quit", &[]);
    assert_eq!(leaver.hear(), None);

    let mut client = sim.logged_in();
    let added = client.ask(&[
        "/ip/address/add",
        "=address=192.168.1.1/24",
        "=interface=ether1",
    ]);
    assert!(added[0][1].starts_with("=ret=*"), "{added:?}");
    play(&mut client, "empty-7.18+", &[]);
    play(&mut client, "trap-category", &[]);
    play(&mut client, "no-such-item", &[]);
    client.ask(&["/ppp/secret/add", "=name=a"]);
    play(&mut client, "duplicate", &[]);
}

#[test]
fn a_login_without_words_gets_a_challenge_that_nobody_can_answer() {
    for version in ["6.47.6", "7.20"] {
        let sim = Sim::version(version);
        let mut client = sim.open();
        client.say(&["/login"]);
        let heard = client.hear().unwrap();
        let challenge = heard[1].strip_prefix("=ret=").unwrap();
        assert_eq!((heard[0].as_str(), challenge.len()), ("!done", 32));
        assert!(challenge.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let response = format!("=response=00{challenge}");
        let heard = client.ask(&["/login", "=name=whmcs", &response]);
        assert_eq!(
            heard[0],
            ["!trap", "=message=invalid user name or password (6)"]
        );
        // the right password beside it does not help
        let heard = client.ask(&["/login", "=name=whmcs", "=password=p=w", &response]);
        assert_eq!(heard[0][0], "!trap");
        let heard = client.ask(&["/login", "=name=whmcs", "=password=p=w"]);
        assert_eq!(heard, [["!done"]]);
    }
}

#[test]
fn a_session_is_listed_and_written_down_while_it_lasts() {
    let sim = Sim::version("7.20");
    let mut stranger = sim.open();
    stranger.ask(&["/login", "=name=whmcs", "=password=wrong"]);
    let mut client = sim.logged_in();
    let users = client.ask(&["/user/active/print", "=.proplist=name,address,via"]);
    assert_eq!(
        users[..users.len() - 1],
        [["!re", "=name=whmcs", "=address=127.0.0.1", "=via=api"]]
    );
    play(&mut client, "quit", &[]);
    assert_eq!(client.hear(), None, "it has ended");
    let said = sim.router.rows("/log");
    let said: Vec<&str> = said.iter().filter_map(|row| row.text("message")).collect();
    assert_eq!(
        said[..2],
        [
            "login failure for user whmcs from 127.0.0.1 via api",
            "user whmcs logged in from 127.0.0.1 via api",
        ]
    );
}

#[test]
fn a_menu_that_is_not_there_is_refused_in_the_words_of_its_version() {
    let directory = [
        "!trap",
        "=category=0",
        "=message=no such command or directory (routerboard)",
    ]
    .as_slice();
    let prefix = ["!trap", "=message=no such command prefix"].as_slice();
    for (version, traps) in [
        ("6.49.17", vec![prefix]),
        ("7.12.2", vec![directory]),
        ("7.13.5", vec![directory, prefix]),
        ("7.19.6", vec![directory, prefix]),
        ("7.20", vec![directory]),
    ] {
        let sim = Sim::version(version);
        let mut client = sim.logged_in();
        let heard = client.ask(&["/system/routerboard/print"]);
        assert_eq!(heard[..heard.len() - 1], traps, "{version}");
        let heard = client.ask(&["/system/identity/print"]);
        assert_eq!(heard[0], ["!re", "=name=MikroTik"], "{version}");
    }
}

#[test]
fn an_exclamation_mark_unsets_what_can_be_unset() {
    let sim = Sim::version("7.20");
    let mut client = sim.logged_in();
    let added = client.ask(&[
        "/ppp/secret/add",
        "=name=a",
        "=routes=10.9.0.0/24",
        "=remote-address=10.0.0.9",
    ]);
    let id = format!("=.id={}", added[0][1].strip_prefix("=ret=").unwrap());
    let unset = ["/ppp/secret/set", &id, "=!routes=", "=!remote-address="];
    assert_eq!(client.ask(&unset), [["!done"]]);
    let proplist = "=.proplist=routes,remote-address,profile";
    let print = ["/ppp/secret/print", proplist];
    assert_eq!(client.ask(&print)[0], ["!re", "=profile=default"]);
    for property in ["name", "profile", "disabled", "password", "nonsense"] {
        let word = format!("=!{property}=");
        let message = format!("=message=unknown parameter !{property}");
        let heard = client.ask(&["/ppp/secret/set", &id, &word]);
        assert_eq!(heard[0], ["!trap".to_owned(), message]);
    }
    let added = client.ask(&["/ppp/secret/add", "=name=b", "=!routes="]);
    assert_eq!(added[0][0], "!done", "verbose exports write it so");
    assert_eq!(client.ask(&print)[1], ["!re", "=profile=default"]);
}

#[test]
fn bytes_of_other_encodings_are_kept_as_they_are() {
    let sim = Sim::version("7.20");
    let mut client = sim.logged_in();
    let name: &[u8] = b"=name=\xcf\xee\xff \xc3\xbc";
    client.say_bytes(&[b"/ppp/secret/add", name, b"=comment=\xe9\x80"]);
    assert_eq!(client.hear().unwrap()[0], "!done");
    let asked: &[u8] = b"?name=\xcf\xee\xff \xc3\xbc";
    let proplist: &[u8] = b"=.proplist=name,comment";
    client.say_bytes(&[b"/ppp/secret/print", proplist, asked]);
    let row = client.hear_bytes().unwrap();
    assert_eq!(row, [b"!re", name, b"=comment=\xe9\x80"]);
}

#[test]
fn words_come_in_the_order_of_the_menu() {
    let sim = Sim::version("7.20");
    let mut client = sim.logged_in();
    client.ask(&["/queue/simple/add", "=name=a", "=target=192.168.120.251"]);
    let names = |sentence: &[String]| -> Vec<String> {
        let words = sentence[1..].iter();
        let name = |word: &String| word.split('=').nth(1).unwrap_or_default().to_owned();
        words.map(name).collect()
    };
    // as traced by a public client
    let traced = ".id name target parent packet-marks priority queue limit-at max-limit burst-limit \
                  burst-threshold burst-time bucket-size bytes total-bytes packets total-packets dropped \
                  total-dropped rate total-rate packet-rate total-packet-rate queued-packets \
                  total-queued-packets queued-bytes total-queued-bytes invalid dynamic disabled";
    let row = client.ask(&["/queue/simple/print"]).remove(0);
    assert_eq!(names(&row), traced.split(' ').collect::<Vec<_>>());
    // and as recorded in the dialogue of `listen`
    let row = client.ask(&["/ip/address/print"]).remove(0);
    assert_eq!(
        names(&row).join(" "),
        ".id address network interface actual-interface invalid dynamic disabled"
    );
}

#[test]
fn an_empty_list_says_so_since_7_18_and_version_6_has_its_own_words() {
    let sim = Sim::version("7.17");
    let mut client = sim.logged_in();
    assert_eq!(client.ask(&["/ppp/active/print"]), [["!done"]]);

    let sim = Sim::version("6.49.10");
    let mut client = sim.logged_in();
    client.ask(&["/ppp/secret/add", "=name=a"]);
    let rows = client.ask(&["/ppp/secret/getall", "=.proplist=disabled"]);
    assert_eq!(rows[0], ["!re", "=disabled=no"]);
}

#[test]
fn rows_carry_their_tag_and_values_with_equal_signs() {
    let sim = Sim::version("7.20");
    let mut client = sim.logged_in();
    client.ask(&["/ppp/secret/add", "=name=a", "=comment=x=y"]);
    client.say(&[
        "/ppp/secret/print",
        ".tag=q",
        "=.proplist=comment",
        "?name=a",
    ]);
    assert_eq!(client.hear().unwrap(), ["!re", ".tag=q", "=comment=x=y"]);
    assert_eq!(client.hear().unwrap(), ["!done", ".tag=q"]);
}

#[test]
fn a_command_that_goes_on_ends_when_it_is_cancelled() {
    for swapped in [false, true] {
        let sim = Sim::version("7.20");
        if swapped {
            sim.router.fault(Fault::always(Effect::SwappedDone));
        }
        let mut client = sim.logged_in();
        client.say(&["/ppp/active/listen", ".tag=10"]);
        client.say(&["/cancel", "=tag=10", ".tag=20"]);
        let trap = client.hear().unwrap();
        assert_eq!(
            trap,
            ["!trap", ".tag=10", "=category=2", "=message=interrupted"]
        );
        let ends = [client.hear().unwrap(), client.hear().unwrap()];
        let expected = if swapped { ["10", "20"] } else { ["20", "10"] };
        assert_eq!(
            ends,
            expected.map(|tag| vec!["!done".to_owned(), format!(".tag={tag}")])
        );
    }
}

#[test]
fn strangers_and_users_without_the_policy_are_kept_out() {
    let sim = Sim::version("7.20");
    let mut stranger = sim.open();
    let long = "x".repeat(120);
    stranger.say(&vec![long.as_str(); 40]);
    assert_eq!(stranger.hear(), None);

    sim.router
        .exec(
            "/user/group/add",
            &[("name", "web"), ("policy", "read,write,rest-api")],
        )
        .unwrap();
    sim.router.add_user("web", "p", "web").unwrap();
    let mut client = sim.open();
    client.say(&["/login", "=name=web", "=password=p"]);
    assert_eq!(client.hear().unwrap()[0], "!trap");
}

#[test]
fn faults_of_the_api_do_what_they_say() {
    let sim = Sim::version("7.20");
    let mut client = sim.logged_in();
    let print = ["/system/identity/print"];
    let once = |effect: Effect| {
        sim.router
            .fault(Fault::at("/system/identity", "print", effect).times(1));
    };
    once(Effect::SeveralTraps {
        texts: vec!["a".into(), "b".into()],
    });
    let heard = client.ask(&print);
    assert_eq!(
        heard[..2],
        [["!trap", "=message=a"], ["!trap", "=message=b"]]
    );
    once(Effect::UnknownWord);
    assert_eq!(client.ask(&print)[0], ["!news"]);
    once(Effect::EmptyRows);
    assert_eq!(client.ask(&print)[0], ["!re"]);
    once(Effect::LongLengths);
    assert_eq!(client.ask(&print)[0], ["!re", "=name=MikroTik"]);
    once(Effect::Reply {
        status: 200,
        body: "!re\n=name=odd\n\n!done".into(),
    });
    assert_eq!(client.ask(&print)[0], ["!re", "=name=odd"]);
    once(Effect::Error {
        status: 500,
        detail: "odd".into(),
    });
    assert_eq!(client.ask(&print)[0], ["!trap", "=message=odd"]);
    once(Effect::ControlByte);
    client.say(&print);
    assert_eq!(client.byte(), Some(0xF9));

    let mut client = sim.logged_in();
    once(Effect::Fatal {
        reason: "session closed".into(),
    });
    client.say(&print);
    assert_eq!(client.hear().unwrap(), ["!fatal", "session closed"]);
    assert_eq!(client.hear(), None);

    let mut client = sim.logged_in();
    once(Effect::Cut { after: 5 });
    client.say(&print);
    let mut bytes = Vec::new();
    client.0.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, b"\x03!re\x0e");
}

#[test]
fn the_faults_of_connections_are_met_over_the_api_too() {
    let sim = Sim::version("7.20");
    let once = |effect: Effect| {
        sim.router
            .fault(Fault::at("/system/identity", "print", effect).times(1));
    };
    let print = ["/system/identity/print"];
    let mut client = sim.logged_in();
    once(Effect::Meanwhile {
        commands: vec![Hand::new("/system/identity/set", &[("name", "New")])],
    });
    assert_eq!(client.ask(&print)[0], ["!re", "=name=New"]);
    once(Effect::CrossDelivered {
        menu: "/user/group".into(),
    });
    assert!(client.ask(&print).len() > 3, "three groups and the end");
    once(Effect::CloseAfterReply);
    assert_eq!(client.ask(&print)[0], ["!re", "=name=New"]);
    assert_eq!(client.hear(), None);

    let (mut client, mut other) = (sim.logged_in(), sim.logged_in());
    once(Effect::Reboot);
    for client in [&mut client, &mut other] {
        client.say(&print);
        assert_eq!(client.hear(), None);
    }
    assert_eq!(sim.logged_in().ask(&print)[0], ["!re", "=name=New"]);
}

#[test]
fn replies_mix_when_they_are_told_to() {
    let sim = Sim::version("7.20");
    for name in ["a", "b"] {
        sim.router
            .exec("/ppp/secret/add", &[("name", name)])
            .unwrap();
    }
    let fault = Fault::at("/ppp/secret", "print", Effect::Interleave);
    sim.router.fault(fault.times(1));
    let mut client = sim.logged_in();
    let print = |tag| ["/ppp/secret/print", tag, "=.proplist=name"];
    client.say(&print(".tag=1"));
    client.say(&print(".tag=2"));
    let tags: Vec<String> = (0..6).map(|_| client.hear().unwrap()[1].clone()).collect();
    assert_eq!(
        tags,
        [".tag=1", ".tag=2", ".tag=1", ".tag=2", ".tag=1", ".tag=2"]
    );
}
