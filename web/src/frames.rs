//! A phone's or laptop's camera at the desk: its frames are posted, read by the node's own decoder, and forgotten.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use node_core::{desk::Assessed, reason::Reason};
use serde_json::json;
use sync::time::UnixMillis;
use tokio::sync::Semaphore;

use crate::{
    app::{App, Shared},
    caller::{Caller, Staff},
    error::Failure,
    session::same_token,
    sign,
};

/// The largest frame, bytes: a JPEG picture of 1280 by 720 pixels takes a third.
pub(crate) const BYTES_MAX: usize = 512 * 1024;
/// The header that carries the session's token: no other site can set it.
const TOKEN_HEADER: &str = "x-form-token";
/// Cameras that are read at once; the one that was quiet for longest gives way.
const READERS_MAX: usize = 8;
/// Frames that are decoded at once: a Pi has other work to do.
const AT_ONCE: usize = 2;
/// The shortest time between two frames of one camera, ms.
const PACE_MILLIS: u64 = 100;

/// Reads codes from the frames of one camera, one after another; a code that is held up is read once.
pub trait Frames: Send {
    /// Looks at one encoded picture.
    ///
    /// # Errors
    /// [`FrameError`] when it is none.
    fn look(&mut self, picture: Vec<u8>) -> Result<Looked, FrameError>;
}

/// Opens a reader for one more camera.
pub type OpenFrames = Arc<dyn Fn() -> Box<dyn Frames> + Send + Sync>;

/// What was seen in a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// The texts of codes that came into view.
    pub texts: Vec<String>,
    /// What would let more be read: a stable word such as `too-dark`.
    pub hint: Option<&'static str>,
}

/// Why a frame was not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no picture of a kind and size that is read")]
pub struct FrameError;

/// The readers of the sessions that use a camera.
pub(crate) struct Readers {
    of_session: Mutex<HashMap<String, Reader>>,
    at_once: Semaphore,
}

struct Reader {
    /// Away while it looks at a frame.
    frames: Option<Box<dyn Frames>>,
    last: UnixMillis,
}

impl Readers {
    pub(crate) fn new() -> Self {
        Self { of_session: Mutex::default(), at_once: Semaphore::new(AT_ONCE) }
    }

    /// The session's reader, if it is not looking already and was not asked a moment ago.
    fn take(&self, session: &str, open: &OpenFrames, now: UnixMillis) -> Option<Box<dyn Frames>> {
        let mut readers = self.lock();
        if let Some(reader) = readers.get_mut(session) {
            if now.get().abs_diff(reader.last.get()) < PACE_MILLIS {
                return None;
            }
            reader.last = now;
            return reader.frames.take();
        }
        if readers.len() >= READERS_MAX {
            let quiet = readers.iter().min_by_key(|(_, reader)| reader.last);
            let quiet = quiet.map(|(session, _)| session.clone())?;
            readers.remove(&quiet);
        }
        readers.insert(session.to_owned(), Reader { frames: None, last: now });
        Some(open())
    }

    fn give_back(&self, session: &str, frames: Box<dyn Frames>) {
        if let Some(reader) = self.lock().get_mut(session) {
            reader.frames = Some(frames);
        }
    }

    /// A reader that did not come back is made anew.
    fn forget(&self, session: &str) {
        self.lock().remove(session);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Reader>> {
        self.of_session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `POST /desk/frame`: one picture; answers how many codes were read, and what would help.
pub(crate) async fn look(
    State(app): State<Shared>,
    Staff(caller): Staff,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let t = caller.lang;
    let sent = headers.get(TOKEN_HEADER).and_then(|token| token.to_str().ok()).unwrap_or("");
    let Some(token) = caller.token.as_deref().filter(|token| same_token(token, sent)) else {
        return Failure::forbidden().read_in(t).into_response();
    };
    let (Some(open), Some(_)) = (&app.services.frames, &app.services.door) else {
        return Failure::not_found().read_in(t).into_response();
    };
    let Ok(_permit) = app.readers.at_once.try_acquire() else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let Some(mut frames) = app.readers.take(token, open, app.now()) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let picture = body.to_vec();
    let looked = tokio::task::spawn_blocking(move || {
        let looked = frames.look(picture);
        (frames, looked)
    });
    match looked.await {
        Ok((frames, looked)) => {
            app.readers.give_back(token, frames);
            match looked {
                Ok(looked) => answer(&app, &caller, looked).await,
                Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response(),
            }
        }
        Err(error) => {
            app.readers.forget(token);
            Failure::internal(&error).read_in(t).into_response()
        }
    }
}

/// Each code is weighed as if it had been typed: the person who holds the camera decides.
async fn answer(app: &App, caller: &Caller, looked: Looked) -> Response {
    let (t, mut read, mut trouble) = (caller.lang, 0, None);
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(t).into_response();
    };
    for text in &looked.texts {
        match desk.assess(text).await {
            Assessed::Waiting(pending) => {
                read += 1;
                app.waiting.add(pending);
            }
            // The other parts of the card are still to come.
            Assessed::NoCredential(Reason::Incomplete) => read += 1,
            Assessed::NoCredential(reason) => {
                trouble = Some(t.fill("desk-no-credential", sign::reason_text(t, reason)));
            }
        }
    }
    let hint = looked.hint.and_then(|hint| t.known(&format!("hint-{hint}")));
    Json(json!({ "read": read, "trouble": trouble, "hint": hint })).into_response()
}
