//! What every page and stream of one node shares.

use std::{net::IpAddr, sync::Arc};

use node_core::{
    audit::AuditEntry,
    authority::{
        Authority,
        officers::Offices,
        passkeys::{Party, Passkey},
    },
    staff::{StaffId, StaffMember},
};
use sync::time::UnixMillis;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Services,
    challenge::Challenges,
    error::Failure,
    frames::Readers,
    guard::Hosts,
    metrics::Metrics,
    officers,
    role::Person,
    secret::Secrets,
    session::{Digest32, Holder, Open, SESSION_MILLIS, Sessions, digest},
    setup::SetUp,
    streams::Streams,
    tries::Tries,
    visitor::Lobby,
    waiting::Waiting,
};

/// The node as its pages see it.
pub(crate) struct App {
    pub(crate) services: Services,
    pub(crate) sessions: Sessions,
    pub(crate) secrets: Secrets,
    pub(crate) tries: Tries,
    pub(crate) passkeys: Passkeys,
    pub(crate) set_up: SetUp,
    /// Accounts are changed by one at a time: what is read is still so when it is written.
    pub(crate) staffing: tokio::sync::Mutex<()>,
    /// Where others reach these pages, such as `https://192.168.1.7:8443`.
    pub(crate) home: String,
    pub(crate) hosts: Hosts,
    pub(crate) waiting: Waiting,
    pub(crate) metrics: Metrics,
    pub(crate) streams: Streams,
    /// What stands behind the visitors' pages.
    pub(crate) lobby: Lobby,
    pub(crate) readers: Readers,
    /// What goes on to its end even if the reader who asked for it is gone.
    pub(crate) under_way: TaskTracker,
    pub(crate) closing: CancellationToken,
    /// Whether the pages travel by TLS.
    pub(crate) secure: bool,
    /// The port: cookies are shared by all ports of a host, so their names tell nodes apart.
    pub(crate) port: u16,
}

/// What officers' passkeys hang on.
pub(crate) struct Passkeys {
    /// The console's name and origin; none where browsers make no passkeys.
    pub(crate) party: Option<Party>,
    /// Who signs in with a passkey alone.
    pub(crate) required_of: Offices,
    pub(crate) challenges: Challenges,
}

impl Passkeys {
    /// Whether somebody with these offices signs in with a passkey alone.
    pub(crate) fn are_required_of(&self, offices: Offices) -> bool {
        offices.iter().any(|office| self.required_of.has(office))
    }
}

/// By what a session that a passkey opened is known: it ends with the passkey, and with the secret.
pub(crate) fn passkey_secret(phc: &str, passkey: &Passkey) -> Digest32 {
    digest(&format!("{phc} {}", passkey.id_text()))
}

/// How handlers hold it.
pub(crate) type Shared = Arc<App>;

/// One connection's ends, set by the serve loop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) peer: IpAddr,
    pub(crate) own: IpAddr,
    /// Whether the connection is TLS: nobody on the way reads it.
    pub(crate) secret: bool,
}

impl App {
    pub(crate) fn now(&self) -> UnixMillis {
        (self.services.clock)()
    }

    /// Runs `work` to its end, also when the request that asks for it is given up: what is being made durable is
    /// not left half done. The serve loop waits for it before it returns.
    pub(crate) async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.under_way.spawn(work).await.map_err(|error| Failure::internal(&error))
    }

    /// The form token and the person of the session that a cookie names, while it lasts.
    pub(crate) fn signed_in(&self, cookie: &str) -> Option<(String, Person)> {
        let open = self.sessions.find(cookie, self.now())?;
        let person = self.person_of(&open);
        if person.is_none() {
            self.sessions.end(&open.token);
        }
        Some((open.token, person?))
    }

    /// The person of the session with this form token, while it lasts: for streams.
    pub(crate) fn person(&self, token: &str) -> Option<Person> {
        self.person_of(&self.sessions.of_token(token, self.now())?)
    }

    /// Who holds a session: asked anew each time, so that who was removed, has another secret or another role, or whose
    /// shift is over, is that at once, wherever the news came from.
    fn person_of(&self, open: &Open) -> Option<Person> {
        let Holder::Member { id, secret } = open.holder else {
            return Some(Person::with_key());
        };
        let Some(desk) = &self.services.door else { return self.officer_of(id, secret) };
        let roster = desk.staff();
        let member = roster.get(&id)?;
        let same = member.secret(self.now()).is_some_and(|phc| digest(phc) == secret);
        let lasts = same && self.now() < self.ends(member, open.since);
        lasts.then(|| Person {
            who: Some(id),
            role: Some(member.role),
            offices: Offices::default(),
            name: Some(member.name.as_str().to_owned()),
            awaits_passkey: false,
        })
    }

    /// The same of somebody of the authority.
    fn officer_of(&self, id: StaffId, secret: Digest32) -> Option<Person> {
        let officer = self.services.authority.as_ref()?.officer(&id)?;
        let phc = officer.secret()?;
        let by_passkey = officer.passkeys.iter().any(|p| passkey_secret(phc, p) == secret);
        let awaits_passkey = !by_passkey && self.passkeys.are_required_of(officer.offices);
        (by_passkey || digest(phc) == secret).then(|| Person {
            who: Some(id),
            role: None,
            offices: if awaits_passkey { Offices::default() } else { officer.offices },
            name: Some(officer.name.as_str().to_owned()),
            awaits_passkey,
        })
    }

    /// The authority of this node and its console's party, where officers can sign in by passkey.
    pub(crate) fn passkeys_here(&self) -> Option<(&Authority, &Party)> {
        let authority = self.services.authority.as_ref().filter(|_| self.services.door.is_none());
        Some((authority?, self.passkeys.party.as_ref()?))
    }

    /// When a session of this member that began at `since` ends at the latest: with the shift, or after twelve hours.
    pub(crate) fn ends(&self, member: &StaffMember, since: UnixMillis) -> UnixMillis {
        let latest = since.plus_millis(SESSION_MILLIS);
        let zone = self.services.door.as_ref().map(|desk| &desk.site().zone);
        match (member.shift_end, zone) {
            (Some(end), Some(zone)) => end.after(since, zone).min(latest),
            _ => latest,
        }
    }

    /// Writes a line of the door's audit log, or of the authority's access log; what cannot be written is said in the
    /// node's own log.
    pub(crate) async fn note(&self, entry: AuditEntry) {
        let Some(desk) = self.services.door.clone() else {
            return officers::note(self, &entry).await;
        };
        let kind = entry.kind;
        match self.finish(async move { desk.audit(&entry).await }).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, ?kind, "a line of the audit log was not written")
            }
            Err(_) => tracing::error!(?kind, "a line of the audit log was not written"),
        }
    }

    /// The name of the session cookie.
    pub(crate) fn session_cookie(&self) -> String {
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}session-{}", self.port)
    }
}
