//! Cases over the control socket: a question asked, an answer written as a file.

use std::{io::Write, path::Path};

use node_core::authority::{
    Authority,
    access::Access,
    casework::{Found, Met, Step, Target, Wanted},
    export::Format,
    trace::Who,
};
use serde_json::{Value, json};
use sync::{
    id::{RegionId, VenueId},
    time::UnixMillis,
};

use crate::{
    command::in_words,
    control::{Answer, Tracing},
    wall,
};

/// Asks in a case, as the console does.
pub(crate) async fn trace(authority: &Authority, tracing: Tracing) -> Answer {
    let about = match (&tracing.person, tracing.venue) {
        (Some(person), None) => Target::Person(Who::read(person).map_err(|e| in_words(&e))?),
        (None, Some(venue)) => {
            if let Some(region) = tracing.region {
                ours(authority, RegionId::new(region), venue)?;
            }
            Target::Venue(VenueId::new(venue))
        }
        _ => return Err("a question is about a person or a venue".into()),
    };
    if tracing.asked_by.trim().is_empty() {
        return Err("a question needs the name of who asks".into());
    }
    let wanted = Wanted {
        case: tracing.case,
        purpose: tracing.purpose,
        by: tracing.asked_by,
        account: None,
        about,
        from: UnixMillis::new(tracing.from),
        until: UnixMillis::new(tracing.until),
        second_degree: tracing.second_degree,
    };
    let (id, asked) = authority.ask(wanted).await.map_err(|e| in_words(&e))?;
    if asked.step == Step::Waiting {
        return Ok(json!({ "question": asked.number, "state": "waiting" }));
    }
    let (_, found) = authority.found(id, asked.number).await.map_err(|e| in_words(&e))?;
    Ok(answer(authority, asked.number, &found))
}

/// Who was at another region's venue its authority alone can say.
fn ours(authority: &Authority, region: RegionId, venue: u64) -> Result<(), String> {
    if authority.overview().borrow().region == region {
        return Ok(());
    }
    let neighbour = authority.neighbour(region);
    let neighbour = neighbour.ok_or_else(|| format!("the trust list names no region {region}"))?;
    let at = neighbour.url.map(|url| format!(", {url}")).unwrap_or_default();
    let name = neighbour.name;
    Err(format!("venue {venue} is of region {region}: ask its authority, {name}{at}"))
}

fn answer(authority: &Authority, number: u32, found: &Found) -> Value {
    let view = authority.overview().borrow().clone();
    let name = |venue: VenueId| {
        let known = view.venues.iter().find(|v| v.venue == venue);
        known.map_or_else(|| venue.to_string(), |v| v.name.clone())
    };
    let stays = found.stays.iter().map(|stay| {
        json!({
            "venue": stay.venue.get(),
            "venue_name": stay.elsewhere.as_ref().map_or_else(|| name(stay.venue), |e| e.venue_name.clone()),
            "elsewhere": stay.elsewhere.as_ref().map(|e| json!({
                "region": e.region.get(), "authority": e.authority, "url": e.url,
            })),
            "from": stay.from.to_string(),
            "until": stay.until.to_string(),
            "seen_to_leave": stay.seen,
        })
    });
    let met = |met: &Met| {
        json!({
            "person": met.subject.to_string(),
            "venue": met.venue.get(),
            "venue_name": name(met.venue),
            "from": met.from.to_string(),
            "until": met.until.to_string(),
            "minutes": met.minutes(),
            "degree": met.degree,
            "same_entrance": met.same_entrance,
            "same_part": met.same_zone,
        })
    };
    json!({
        "question": number,
        "state": "answered",
        "persons": found.persons(),
        "staff_left_out": found.staff,
        "cut": found.cut,
        "stays": stays.collect::<Vec<_>>(),
        "met": found.met.iter().map(met).collect::<Vec<_>>(),
    })
}

/// Writes an answer as a file that its owner alone can read; contact details are in it.
pub(crate) async fn export(
    authority: &Authority,
    case: &str,
    number: Option<u32>,
    format: &str,
    out: &Path,
) -> Answer {
    let words = Format::ALL.map(Format::word).join(", ");
    let format = Format::from_word(format).ok_or_else(|| format!("a format is one of {words}"))?;
    let id = authority.case_id(case);
    let (_, asked) = authority.case(id).await.map_err(|e| in_words(&e))?;
    let answered = asked.iter().filter(|asked| matches!(asked.step, Step::Answered(_)));
    let last = answered.map(|asked| asked.number).next_back();
    let number = number.or(last).ok_or("nothing is answered in this case")?;
    let detail = format!("{id}/{number} {} (command line)", format.word());
    let access = Access { detail, ..Access::new(wall::now(), "exported") };
    authority.note_access(access).await.map_err(|e| in_words(&e))?;
    let sheet = authority.sheet(id, number).await.map_err(|e| in_words(&e))?;
    let bytes = format.write(&sheet).map_err(|e| in_words(&e))?;
    let written = || -> std::io::Result<()> {
        let folder = out.parent().unwrap_or(Path::new("/"));
        let mut file = tempfile::NamedTempFile::new_in(folder)?; // for its owner alone
        file.write_all(&bytes)?;
        file.as_file().sync_all()?;
        file.persist(out).map_err(|error| error.error)?;
        Ok(())
    };
    written().map_err(|error| format!("cannot write {}: {error}", out.display()))?;
    Ok(json!({ "question": number, "lines": sheet.lines.len(), "out": out }))
}
