//! Cases: asking, approving, what an answer shows, files, notices, the interface for programs.

use std::process::Command;

use node_core::{
    authority::{
        casework::{Step, Target, Wanted},
        officers::{Office, Offices},
        trace::{Question, TraceError, Who},
    },
    desk::{About, Act},
    event::PendingId,
    phone::Phone as Number,
    sms::Message,
};
use sync::{
    id::{Subject, VenueId},
    record::{AlertCause, Direction, NoticeCause},
    time::UnixMillis,
};

use super::{
    browser::{Answer, Served},
    officers::{admin, authority, authority_of, officer},
    phone::Phone,
    region::{NOON, Region},
};
use crate::api;

const HOUR: i64 = 3_600_000;

/// An authority whose venue three visitors entered.
pub(super) async fn visited() -> (Served, String) {
    // Boxed: it is large.
    let made = async {
        let region = Region::found().await;
        for n in 1..=3 {
            region.welcome(n).await;
        }
        // Long enough after for everybody to have stayed as long as a contact lasts.
        region.later(3 * HOUR);
        authority_of(region).await
    };
    Box::pin(made).await
}

pub(super) fn person(n: u8) -> String {
    Subject::new([n; 16]).to_string()
}

/// Opens a case; its address.
pub(super) async fn open(tracer: &Phone<'_>, reference: &str) -> String {
    let opened = tracer.send("/authority/cases", "/authority/cases", &[("case", reference)]).await;
    assert_eq!(opened.status, 303, "{}", opened.body);
    opened.header("location").unwrap().to_owned()
}

pub(super) async fn ask(
    tracer: &Phone<'_>,
    case: &str,
    who: &str,
    venue: &str,
    more: &[(&str, &str)],
) -> Answer {
    let window = [("from", "2026-09-20T00:00"), ("until", "2026-09-23T00:00")];
    let fields = [("purpose", "cluster"), ("who", who), ("venue", venue), window[0], window[1]];
    let fields: Vec<_> = fields.iter().chain(more).copied().collect();
    tracer.send(case, &format!("{case}/ask"), &fields).await
}

#[tokio::test]
async fn a_question_of_a_case_is_answered_kept_and_drawn() {
    let (node, code) = visited().await;
    let ada = admin(&node, &code).await;
    let tracer = officer(&ada, "Tom", "tracer").await;
    let case = open(&tracer, "2026-114").await;
    assert_eq!(open(&tracer, " 2026-114 ").await, case, "the same reference is the same case");
    assert_eq!(ask(&tracer, &case, "", "", &[]).await.status, 422, "about nobody");
    assert_eq!(ask(&tracer, &case, &person(1), "17", &[]).await.status, 422, "about two things");
    let asked = ask(&tracer, &case, &person(1), "", &[("second", "yes")]).await;
    assert_eq!(asked.status, 303, "{}", asked.body);
    let page = tracer.get(asked.header("location").unwrap()).await.body;
    assert!(page.contains("2 persons") && page.contains("Market"), "{page}");
    assert!(page.contains(&person(2)) && page.contains(&person(3)));
    assert_eq!(page.matches("<circle").count(), 3, "{page}");
    assert!(page.contains("same entrance"), "{page}");
    assert!(!page.contains("<script") && !page.contains("style="), "{page}");
    let list = tracer.get("/authority/cases").await.body;
    assert!(list.contains(">2026-114</a>"), "{list}");
    let log = node.region.authority().asked(None, 10).await.unwrap();
    assert_eq!((log.len(), &*log[0].case, &*log[0].asked_by), (1, "2026-114", "Tom"));
    let venue = ask(&tracer, &case, "", "17", &[]).await;
    let page = tracer.get(venue.header("location").unwrap()).await.body;
    assert!(page.contains("3 persons") && page.contains("Venue: Market"), "{page}");
    assert!(!page.contains("<circle"), "nobody is in the middle of a venue's answer");
    let register = value(&Phone::new(&node).get("/register.json").await);
    assert_eq!(register["venues"][0]["tracing_questions"], 2, "counted in public");
}

#[tokio::test]
async fn where_a_second_must_approve_nobody_approves_the_own_question() {
    let (node, code) = visited().await;
    node.region.authority().require_second(true);
    let ada = admin(&node, &code).await;
    let tom = officer(&ada, "Tom", "tracer").await;
    let una = officer(&ada, "Una", "tracer").await;
    let case = open(&tom, "A-1").await;
    let asked = ask(&tom, &case, &person(1), "", &[]).await;
    assert_eq!(asked.header("location"), Some(&*case), "it waits");
    assert_eq!(tom.get(&format!("{case}/1")).await.status, 404, "nothing is answered");
    assert_eq!(node.region.authority().asked(None, 9).await.unwrap().len(), 1, "it is in the log");
    let settle = format!("{case}/1/settle");
    assert_eq!(tom.send(&case, &settle, &[("approve", "yes")]).await.status, 422, "the own one");
    let open = tom.send("/account", &format!("{case}/1/open"), &[("sure", "yes")]).await;
    assert_eq!(open.status, 422, "no contact details of what is not approved");
    let who = person(1);
    let direct = [("case", "A"), ("purpose", "x"), ("who", &*who), ("asked_by", "x")];
    assert_eq!(
        tom.send("/account", "/authority/trace", &direct).await.status,
        403,
        "no way around"
    );
    assert_eq!(tom.send("/account", "/authority/tell", &direct).await.status, 403);
    let page = tom.get("/authority").await.body;
    assert!(!page.contains("name=\"purpose\"") && page.contains("Ask in a case."), "{page}");
    let authority = node.region.authority();
    let question = Question {
        case: "A-1".into(),
        purpose: "x".into(),
        asked_by: "x".into(),
        who: Who::Subject(Subject::new([1; 16])),
        from: NOON.plus_millis(-HOUR),
        until: NOON,
    };
    // Venues are told of their own visits all the same, and nobody's contacts are opened by it.
    let told = authority.tell(question.clone(), AlertCause::Status).await.unwrap();
    assert!(told.traced.is_none());
    assert!(matches!(authority.trace(question).await, Err(TraceError::NeedsCase)));
    assert_eq!(authority.asked(None, 9).await.unwrap().len(), 2, "what was refused is no question");
    let approved = una.send(&case, &settle, &[("approve", "yes")]).await;
    assert_eq!(approved.status, 303, "{}", approved.body);
    assert!(tom.get(&format!("{case}/1")).await.body.contains("2 persons"));
    assert_eq!(una.send(&case, &settle, &[("approve", "yes")]).await.status, 422, "once");
    ask(&tom, &case, &person(2), "", &[]).await;
    assert_eq!(
        una.send(&case, &format!("{case}/2/settle"), &[("approve", "no")]).await.status,
        303
    );
    assert!(tom.get(&case).await.body.contains("Refused by Una"));
}

#[tokio::test]
async fn files_and_details_are_for_tracers_and_written_down() {
    let (node, code) = visited().await;
    let ada = admin(&node, &code).await;
    let tracer = officer(&ada, "Tom", "tracer").await;
    let auditor = officer(&ada, "Olga", "auditor").await;
    let case = open(&tracer, "2026-114").await;
    ask(&tracer, &case, &person(1), "", &[]).await;
    let answer = format!("{case}/1");
    assert_eq!(auditor.get(&answer).await.status, 200);
    for (form, fields) in [("export", [("format", "csv")]), ("open", [("sure", "yes")])] {
        let refused = auditor.send("/account", &format!("{answer}/{form}"), &fields).await;
        assert_eq!(refused.status, 403, "{form}: no names for auditors");
    }
    let table = tracer.send(&answer, &format!("{answer}/export"), &[("format", "csv")]).await;
    assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(table.body.lines().count(), 3, "{}", table.body);
    assert!(table.body.contains(&person(3)));
    let unsure = tracer.send(&answer, &format!("{answer}/open"), &[]).await;
    assert_eq!(unsure.status, 422);
    let opened = tracer.send(&answer, &format!("{answer}/open"), &[("sure", "yes")]).await;
    assert!(opened.body.contains("only a pseudonym is known"), "{}", opened.body);
    let none = tracer.send(&answer, &format!("{answer}/notify"), &[("how", "letter")]).await;
    assert!(none.body.contains("Told: 0"), "nobody's name is known: {}", none.body);
    let log = auditor.get("/authority/log").await.body;
    for words in ["Case opened", "Answer read", "Exported", "Contact details opened"] {
        assert!(log.contains(words), "{words}");
    }
}

#[tokio::test]
async fn answers_go_when_the_visits_go() {
    let (node, _) = visited().await;
    let authority = node.region.authority();
    let wanted = Wanted {
        case: "old".into(),
        purpose: "x".into(),
        by: "Tom".into(),
        account: None,
        about: Target::Person(Who::Subject(Subject::new([1; 16]))),
        from: NOON.plus_millis(-24 * HOUR),
        until: NOON.plus_millis(24 * HOUR),
        second_degree: false,
    };
    let (id, asked) = authority.ask(wanted).await.unwrap();
    assert_eq!((asked.persons, asked.step), (2, Step::Answered(None)));
    authority.expire().await.unwrap();
    assert_eq!(authority.found(id, 1).await.unwrap().1.persons(), 2, "not yet");
    authority.expire_before(UnixMillis::new(NOON.get() + 1)).await.unwrap();
    assert!(authority.found(id, 1).await.is_err());
    assert!(authority.cases().await.unwrap().is_empty());
    assert_eq!(authority.asked(None, 9).await.unwrap().len(), 1, "the log stays");
}

#[tokio::test]
async fn who_left_a_number_is_told_once_by_message_that_names_neither_case_nor_place() {
    let region = Region::found().await;
    for n in 1..=2 {
        region.welcome(n).await;
    }
    let (phone, pass) =
        (Number::read("701 234 56 78", "7").unwrap(), region.desk.new_pass().unwrap());
    region.desk.check_in_phone(&phone, Direction::In, &pass).await;
    region.desk.decide(PendingId(3), Act::Release).await.unwrap();
    region.take_in(async |authority| authority.overview().borrow().visits == 3).await;
    let (outbox, mut messages) = tokio::sync::mpsc::channel(4);
    let visitors = crate::Visitors { sms: Some(outbox), ..crate::Visitors::default() };
    let services = crate::Services { door: None, pairing: None, visitors, ..region.services() };
    let web = crate::bind(super::browser::config(&region), services).await.unwrap();
    let code = web.set_up_code().unwrap();
    let node = super::browser::start(web, region);
    let ada = admin(&node, &code).await;
    let tom = officer(&ada, "Tom", "tracer").await;
    let case = open(&tom, "2026-114").await;
    ask(&tom, &case, &person(1), "", &[]).await;
    let answer = format!("{case}/1");
    assert!(!tom.get(&answer).await.body.contains("+7701"), "sealed until it is opened");
    let opened = tom.send(&answer, &format!("{answer}/open"), &[("sure", "yes")]).await;
    assert!(opened.body.contains("+77012345678"), "{}", opened.body);
    let gateway = async {
        let message: Message = messages.recv().await.unwrap();
        assert_eq!(message.to.as_str(), "+77012345678");
        for secret in ["2026-114", "Market"] {
            assert!(!message.text.contains(secret), "{}", &*message.text);
        }
        assert!(message.text.starts_with("Санслужба"), "in the language that was chosen");
        message.answer.send(Ok(())).unwrap();
    };
    let notify = format!("{answer}/notify");
    let fields = [("how", "sms"), ("language", "ru")];
    let (told, ()) = tokio::join!(tom.send(&answer, &notify, &fields), gateway);
    assert!(told.body.contains("Told: 1. Not reached: 0."), "{}", told.body);
    assert!(told.body.contains("by short message · ") && told.body.contains("· Tom"));
    let again = tom.send(&answer, &notify, &fields).await;
    assert!(again.body.contains("Told: 0. Not reached: 0."), "nobody is told twice");
    assert!(messages.try_recv().is_err());
    let authority = node.region.authority();
    let told = authority.told_in(authority.case_id("2026-114")).await.unwrap();
    let record = told.values().next().unwrap();
    assert!(told.len() == 1 && record.language == "ru" && record.words.starts_with("Санслужба"));
}

pub(super) struct Program<'a> {
    node: &'a Served,
    token: String,
}

impl Program<'_> {
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "").await
    }

    pub(super) async fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        let token = &self.token;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}"
        );
        self.node.ask(&head, body).await
    }
}

pub(super) fn value(answer: &Answer) -> serde_json::Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{}", answer.body))
}

pub(super) async fn program<'a>(node: &'a Served, offices: &[Office]) -> Program<'a> {
    let offices = Offices::of(offices.iter().copied());
    let until = NOON.plus_millis(48 * HOUR);
    let token = node.region.authority().admit_program("test", offices, None, until).await.unwrap();
    Program { node, token }
}

#[tokio::test]
async fn the_description_and_the_router_say_the_same() {
    let (node, _) = authority().await;
    let nobody = Program { node: &node, token: "vestibule_x".into() };
    let document = value(&nobody.get("/api/v1/openapi.json").await);
    assert_eq!(document["openapi"], "3.1.0");
    let described: usize =
        document["paths"].as_object().unwrap().values().map(|p| p.as_object().unwrap().len()).sum();
    assert_eq!(described, api::operations().len());
    for operation in api::operations() {
        let path = operation.path.replace("{case}", &"0".repeat(32));
        let path = path.replace("{number}", "1").replace("{notice}", "00");
        let answer = nobody.send(&operation.method.to_uppercase(), &path, "{}").await;
        match operation.office {
            Some(_) => {
                assert_eq!(answer.status, 401, "{} {path}: {}", operation.method, answer.body);
                assert_eq!(answer.header("content-type"), Some("application/problem+json"));
                assert_eq!(value(&answer)["status"], 401);
            }
            // Signed instead: nothing of a form that could be.
            None if operation.method == "post" => assert_eq!(answer.status, 422, "{path}"),
            None => assert_eq!(answer.status, 200, "{path}"),
        }
        let other = nobody.send("DELETE", &path, "").await;
        assert_eq!(other.status, 405, "{path} takes what is described and nothing else");
        let in_document = &document["paths"][operation.path][operation.method];
        assert_eq!(in_document["operationId"], operation.id, "{}", operation.summary);
    }
}

#[tokio::test]
async fn a_program_does_what_its_token_allows_a_page_at_a_time() {
    let (node, _) = visited().await;
    let tracer = program(&node, &[Office::Tracer]).await;
    let auditor = program(&node, &[Office::Auditor]).await;
    let made = tracer.send("POST", "/api/v1/cases", r#"{"case":"2026-114"}"#).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(auditor.send("POST", "/api/v1/cases", r#"{"case":"x"}"#).await.status, 403);
    let case = value(&made)["id"].as_str().unwrap().to_owned();
    let questions = format!("/api/v1/cases/{case}/questions");
    let window = r#""from":"2026-09-20T00:00:00Z","until":"2026-09-23T00:00:00Z""#;
    for (body, status) in [
        (format!(r#"{{"purpose":"x",{window}}}"#), 422),
        (format!(r#"{{"purpose":"x","person":"zz","venue":1,{window}}}"#), 422),
        (format!(r#"{{"purpose":"","venue":17,{window}}}"#), 422),
        (r#"{"purpose":"x","venue":17,"from":"x","until":"y"}"#.to_owned(), 422),
        ("nonsense".to_owned(), 422),
        (format!(r#"{{"purpose":"x","venue":17,{window}}}"#), 201),
    ] {
        let answer = tracer.send("POST", &questions, &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
    let mut seen = Vec::new();
    let mut after = Some(0);
    while let Some(from) = after {
        let page = tracer.get(&format!("{questions}/1?limit=2&after={from}")).await;
        let page = value(&page)["met"].clone();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|met| met["person"].as_str().unwrap().to_owned()));
        after = page["next"].as_u64();
    }
    seen.sort();
    assert_eq!(seen, [person(1), person(2), person(3)]);
    assert_eq!(tracer.get(&format!("{questions}/1?limit=x")).await.status, 400);
    assert_eq!(tracer.get(&format!("{questions}/9")).await.status, 404);
    let export = format!("{questions}/1/export?format=");
    assert_eq!(auditor.get(&format!("{export}csv")).await.status, 403, "it names persons");
    assert_eq!(tracer.get(&format!("{export}pdf")).await.status, 400);
    let fhir = value(&tracer.get(&format!("{export}fhir")).await);
    assert_eq!(fhir["resourceType"], "Bundle");
    assert_eq!(value(&auditor.get("/api/v1/stats").await)["visits"], 3);
    assert_eq!(
        value(&auditor.get("/api/v1/participation").await)["items"][0]["check_ins_14_days"],
        3
    );
    assert_eq!(tracer.get("/api/v1/participation").await.status, 403);
    let id = node.region.authority().programs().await.unwrap();
    for program in id {
        node.region.authority().dismiss_program(&program.id()).await.unwrap();
    }
    assert_eq!(tracer.get("/api/v1/stats").await.status, 401, "ended");
    let log = node.region.authority().accesses(None, 100).await.unwrap();
    assert!(log.iter().any(|line| line.access.detail.contains("exported as fhir")));
    assert!(!log.iter().any(|line| line.access.detail.contains(&tracer.token)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_client_gets_its_answer() {
    let (node, _) = visited().await;
    let program = program(&node, &[Office::Tracer]).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/examples/cases.py");
    let (base, token) = (format!("http://{}", node.addr), program.token.clone());
    let run = tokio::task::spawn_blocking(move || {
        let mut python = Command::new("python3");
        python.arg(script).env("VESTIBULE_TOKEN", token).env("NO_PROXY", "*");
        python.args([&*base, "2026-114", "17", "2026-09-20T00:00:00Z", "2026-09-23T00:00:00Z"]);
        python.output().expect("this test needs python3")
    });
    let output = run.await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        text.contains(&format!("{} ", person(2))) && text.contains("case,person,name"),
        "{text}"
    );
}

#[tokio::test]
async fn a_notice_goes_from_new_to_closed_and_who_did_it_stays() {
    let region = Region::found().await;
    region.desk.notify(About::Nobody, NoticeCause::Fever, None).await.unwrap();
    region.take_in(async |authority| authority.overview().borrow().notices == 1).await;
    let (node, code) = authority_of(region).await;
    let ada = admin(&node, &code).await;
    let tom = officer(&ada, "Tom", "tracer").await;
    let page = tom.get("/authority/notices").await.body;
    let name = page.split_once(r#"name="notice" value=""#).expect("a notice").1;
    let name = name.split('"').next().unwrap();
    let bring = async |seen: &str, to: &str| {
        let fields = [("notice", name), ("seen", seen), ("to", to)];
        tom.send("/authority/notices", "/authority/notices", &fields).await.status
    };
    assert_eq!(bring("new", "called").await, 303);
    assert_eq!(bring("new", "closed").await, 409, "seen on an old page");
    assert_eq!(bring("called", "closed").await, 303);
    assert_eq!(bring("called", "nonsense").await, 400);
    let page = tom.get("/authority/notices?stage=closed").await.body;
    assert!(page.contains("Called · Tom") && page.contains("Closed · Tom"), "{page}");
    assert!(tom.get("/authority/notices?stage=new").await.body.contains("No notices"));
    assert_eq!(VenueId::new(17), node.region.authority().board().await.unwrap()[0].sent.venue);
}

#[tokio::test]
async fn the_public_register_names_venues_and_nobody_else() {
    let (node, code) = visited().await;
    let stranger = Phone::new(&node);
    let register = value(&stranger.get("/register.json").await);
    assert_eq!(register["venues"][0]["name"], "Market");
    assert_eq!(register["venues"][0]["state"], "active");
    let table = stranger.get("/register.csv").await.body;
    assert!(
        table.starts_with(
            "venue,name,state,at,leader,voluntary,tracing_questions\r\n17,Market,active"
        ),
        "{table}"
    );
    let ada = admin(&node, &code).await;
    let rita = officer(&ada, "Rita", "registrar").await;
    let wrong = [("venue", "99"), ("what", "x")];
    let page = "/authority/participation";
    assert_eq!(rita.send(page, page, &wrong).await.status, 422);
    let confirmed = [("venue", "17"), ("what", "No check at the door")];
    assert_eq!(rita.send(page, page, &confirmed).await.status, 303);
    assert!(rita.get(page).await.body.contains("Excluded until"));
    assert_eq!(value(&stranger.get("/register.json").await)["venues"][0]["state"], "excluded");
    let hours = rita.get("/authority/participation/17/hours.csv").await.body;
    assert!(
        hours.contains("&lt;5") || hours.contains(",<5\r\n"),
        "three people are too few to count: {hours}"
    );
}

#[tokio::test]
async fn a_laboratory_brings_rows_once_and_reads_nothing() {
    let (node, _) = visited().await;
    let laboratory = program(&node, &[Office::Laboratory]).await;
    let other = program(&node, &[Office::Laboratory]).await;
    let tracer = program(&node, &[Office::Tracer, Office::Registrar]).await;
    let row = |number: &str, fact: &str| {
        format!(
            r#"{{"id":"L-1","kind":"iin","number":"{number}","fact":"{fact}","at":"2026-09-20T08:00:00Z"}}"#
        )
    };
    let results = |rows: &[String]| format!(r#"{{"results":[{}]}}"#, rows.join(","));
    let good = row("800101300006", "test-negative");
    let mixed = results(&[good.clone(), row("800101300007", "test-negative")]);
    let answer = laboratory.send("POST", "/api/v1/results", &mixed).await;
    assert_eq!(answer.status, 207, "{}", answer.body);
    let told = value(&answer);
    assert_eq!((&told["taken"], &told["refused"]), (&1.into(), &1.into()));
    assert_eq!(
        (&told["rows"][0]["result"], &told["rows"][1]["id"]),
        (&"taken".into(), &"L-1".into())
    );
    assert!(told["rows"][1]["error"].as_str().unwrap().starts_with("number"), "{told}");
    let none = laboratory.send("POST", "/api/v1/results", &results(&[row("1", "x")])).await;
    assert_eq!((none.status, none.header("content-type")), (422, Some("application/problem+json")));
    for (path, body, status) in [
        ("/api/v1/results", "nonsense".to_owned(), 422),
        ("/api/v1/results", r#"{"results":[]}"#.to_owned(), 422),
        ("/api/v1/results", format!("[{}]", " ".repeat(5 << 20)), 413),
        ("/api/v1/contacts", results(std::slice::from_ref(&good)), 422),
        ("/api/v1/contacts", r#"{"contacts":[{"kind":"phone","number":"+77011234567","at":"2026-09-20T08:00:00Z"}]}"#.to_owned(), 200),
        ("/api/v1/cases", r#"{"case":"x"}"#.to_owned(), 403),
    ] {
        let answer = laboratory.send("POST", path, &body).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(status == 200 || answer.header("content-type") == Some("application/problem+json"));
    }
    for path in ["stats", "cases", "notices", "participation"] {
        assert_eq!(laboratory.get(&format!("/api/v1/{path}")).await.status, 403, "{path}");
    }
    assert_eq!(
        tracer.send("POST", "/api/v1/results", &results(std::slice::from_ref(&good))).await.status,
        403
    );

    // A key is one laboratory's, and stands for one body.
    let keyed = async |of: &Program<'_>, rows: &[String]| {
        let (token, body) = (&of.token, results(rows));
        let head = format!(
            "POST /api/v1/results HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k-1\r\nAuthorization: Bearer {token}"
        );
        let answer = node.ask(&head, &body).await;
        (answer.status, value(&answer))
    };
    let positive = row("800101300006", "test-positive");
    assert_eq!(keyed(&laboratory, std::slice::from_ref(&positive)).await.1["again"], false);
    let (status, told) = keyed(&laboratory, std::slice::from_ref(&positive)).await;
    assert_eq!((status, &told["again"], &told["taken"]), (200, &true.into(), &1.into()));
    assert_eq!(keyed(&laboratory, std::slice::from_ref(&good)).await.0, 422, "another body");
    assert_eq!(keyed(&other, &[good]).await.0, 200, "another laboratory's key");
    let number =
        node_core::code::ids::TypedNumber::read(sync::sealed::NumberKind::Iin, "800101300006");
    let now = node.region.authority().status_of_number(&number.unwrap()).await.unwrap();
    assert_eq!(now.status, sync::record::Status::Red);
    assert_eq!(node.region.authority().forget_sent().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_of_a_laboratory_sends_its_table_and_is_told_of_each_row() {
    let (node, _) = visited().await;
    let program = program(&node, &[Office::Laboratory]).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/examples/results.py");
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("results.csv");
    let rows = "id,kind,number,fact,at,name\nL-1,iin,800101300006,test-positive,2026-09-20T08:00:00Z,\nL-2,iin,1,test-positive,2026-09-20T08:00:00Z,\n";
    std::fs::write(&table, rows).unwrap();
    let (base, token) = (format!("http://{}", node.addr), program.token.clone());
    let run = tokio::task::spawn_blocking(move || {
        let mut python = Command::new("python3");
        python.arg(script).arg(base).arg(table).env("VESTIBULE_TOKEN", token).env("NO_PROXY", "*");
        python.output().expect("this test needs python3")
    });
    let output = run.await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("L-2 number") && text.contains("1 taken, 1 not"), "{text}");
}
