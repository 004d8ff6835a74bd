//! From an endpoint to an open session: a connection and the login on it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::reply::{Kind, Reply};
use super::sentence::Decoder;
use super::words::sentence_of;
use crate::error::{Error, Result, Step};
use crate::limits::LOGIN_BYTES;
use crate::routeros::deadline::Deadline;
use crate::routeros::dial::{self, in_time, limit};
use crate::routeros::endpoint::Endpoint;
use crate::routeros::failure::Peer;
use crate::routeros::tls;

/// TCP, or TLS over it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// Connects and logs in.
pub(super) async fn open(
    endpoint: &Endpoint,
    peer: &Peer,
    deadline: Deadline,
) -> Result<Box<dyn Stream>> {
    let tcp = dial::tcp(endpoint, peer, deadline).await?;
    let mut stream: Box<dyn Stream> = match &endpoint.tls {
        None => Box::new(tcp),
        Some(trust) => {
            let configuration = Arc::new(tls::configuration(endpoint, trust)?.client);
            Box::new(dial::secure(tcp, endpoint, configuration, peer, limit(deadline)).await?)
        }
    };
    log_in(&mut stream, endpoint, peer, limit(deadline)).await?;
    Ok(stream)
}

/// The login of 6.43 and later: name and password in one sentence.
async fn log_in(
    stream: &mut Box<dyn Stream>,
    endpoint: &Endpoint,
    peer: &Peer,
    limit: Duration,
) -> Result<()> {
    let mut sentence = Vec::new();
    let words = [
        "/login".to_owned(),
        format!("=name={}", endpoint.username),
        format!("=password={}", endpoint.password.expose()),
    ];
    sentence_of(&mut sentence, words.iter().map(String::as_bytes))
        .ok_or_else(|| Error::bug("the login cannot be written as words"))?;
    let mut answer = Answer::default();
    let conversation = async {
        stream.write_all(&sentence).await?;
        stream.flush().await?;
        let mut chunk = vec![0; 4_096];
        let mut decoder = Decoder::default();
        let mut heard = 0;
        loop {
            if answer.take_in(&mut decoder) {
                return Ok(());
            }
            if heard > LOGIN_BYTES {
                answer.nonsense = Some(format!("it has more than {LOGIN_BYTES} bytes"));
                return Ok(());
            }
            match stream.read(&mut chunk).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => {
                    heard += count;
                    decoder.feed(chunk.get(..count).unwrap_or_default());
                }
            }
        }
    };
    in_time(limit, conversation)
        .await
        .map_err(|error| unanswered(peer, &error))?;
    answer.verdict(peer)
}

/// No command was given yet, so nothing can have been carried out.
fn unanswered(peer: &Peer, error: &io::Error) -> Error {
    let service = peer.service();
    let timed_out = error.kind() == io::ErrorKind::TimedOut;
    let detail = if timed_out {
        format!("it did not answer the login in time; check that the port is that of {service}")
    } else {
        let plain = if peer.secure {
            ""
        } else {
            "; if the port is that of api-ssl, switch SSL on for this server in WHMCS"
        };
        format!(
            "it closed the connection at the login; check max-sessions and the addresses of {service} in \
             /ip/service{plain}"
        )
    };
    peer.ended(Step::Connect, detail, timed_out)
}

/// What the router says to the login.
#[derive(Debug, Default)]
struct Answer {
    /// Its first word against it.
    refusal: Option<String>,
    /// It ends the session.
    fatal: Option<String>,
    /// It hands out a challenge.
    challenge: bool,
    /// It is not the binary API.
    nonsense: Option<String>,
}

impl Answer {
    /// Takes in what has come; gives whether that is all.
    fn take_in(&mut self, decoder: &mut Decoder) -> bool {
        loop {
            match decoder.sentence() {
                Ok(None) => return false,
                Err(malformed) => {
                    self.nonsense = Some(malformed.to_string());
                    return true;
                }
                Ok(Some(sentence)) => match Reply::read(sentence) {
                    Ok(reply) if self.hear(&reply) => return true,
                    Ok(_) => {}
                    Err(why) => {
                        self.nonsense = Some(why);
                        return true;
                    }
                },
            }
        }
    }

    fn hear(&mut self, reply: &Reply<'_>) -> bool {
        match reply.kind {
            Kind::Done => self.challenge = reply.record().value("ret").is_some(),
            Kind::Fatal => self.fatal = Some(reply.reason()),
            Kind::Trap => {
                self.refusal.get_or_insert_with(|| reply.reason());
            }
            Kind::Row | Kind::Empty => {}
        }
        matches!(reply.kind, Kind::Done | Kind::Fatal)
    }

    fn verdict(self, peer: &Peer) -> Result<()> {
        if let Some(why) = self.nonsense {
            return Err(Error::nonsense("/login", peer.masked(&why)));
        }
        if let Some(reason) = self.fatal {
            let words = peer.masked(&reason);
            let detail = format!("it ended the session at the login: {words}");
            return Err(peer.failed(Step::Connect, detail));
        }
        if let Some(reason) = self.refusal {
            return Err(peer.refusal("/login", &reason, None, []));
        }
        if self.challenge {
            return Err(Error::misuse(
                format!(
                    "The router {} runs RouterOS older than 6.43, whose login is not supported",
                    peer.name
                ),
                "Update it to RouterOS 6.49 or 7",
            ));
        }
        Ok(())
    }
}
