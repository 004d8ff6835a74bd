//! What somebody else's computer may make us hold, repeat or wait for: every bound, once, with its reason.
//!
//! A router is believed about accounts and counters, and about nothing else: a broken or hostile one must
//! not cost the PHP process its memory, the log its readability or another router its turn. PHP's
//! `memory_limit` does not see memory of the extension, but it does see every text that is handed to PHP.

/// Rows of one list. RouterOS's largest machines hold some tens of thousands of sessions.
pub const LIST_ROWS: usize = 200_000;

/// Bytes of one list as it is sent. A row of a collection takes 150 to 300.
pub const LIST_BYTES: usize = 64 << 20;

/// Bytes of one row as it is sent. A longer one is left out.
pub const ROW_BYTES: usize = 256 << 10;

/// Bytes of one value. A longer one is taken as not sent: no property we ask for is meant to be a document,
/// and MySQL's `TEXT` ends here.
pub const VALUE_BYTES: usize = 64 << 10;

/// Characters of a row's id. RouterOS writes `*` and up to eight hexadecimal digits; the books have room for
/// this many.
pub const ID_LENGTH: usize = 32;

/// Bytes of a refusal that are read: its words stand at the beginning.
pub const REFUSAL_BYTES: usize = 64 << 10;

/// Bytes a router may say before it has accepted the login: it has one sentence to say.
pub const LOGIN_BYTES: usize = 64 << 10;

/// Bytes of a stranger's words that a sentence repeats. The longest refusals of RouterOS have some 200.
pub const WORDS_BYTES: usize = 1 << 10;

/// Bytes of a part of a sentence, ours included. Forty pinned fingerprints fit.
pub const SENTENCE_BYTES: usize = 4 << 10;

/// Bytes of all remarks of one collection in the journal, whose column takes 65,535.
pub const REMARKS_BYTES: usize = 60_000;

/// Bytes that are decoded between two looks at the deadline: well below a millisecond's work.
pub const STRIDE: usize = 64 << 10;
