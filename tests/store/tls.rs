//! A PostgreSQL that is spoken to by TLS alone: the right certificate opens it, and each wrong one keeps everything back.

use node_core::authority::store::postgres::{
    Address,
    schema::{self, Layout},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sync::time::Day;
use tests::postgres::Cluster;

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

#[tokio::test]
async fn a_server_elsewhere_must_show_the_right_certificate() {
    let (ca, other) = (authority(), authority());
    let key = KeyPair::generate().unwrap();
    let names = vec!["db.example".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &ca).unwrap();
    let cluster = Cluster::start_with_certificate(&certificate.pem(), &key.serialize_pem());
    cluster.database("v");
    cluster.sql("postgres", "alter role vestibule password 'swordfish'");
    let port = cluster.port().unwrap();
    let address = |host: &str, mode: &str| {
        format!("postgres://vestibule@{host}:{port}/v?hostaddr=127.0.0.1&sslmode={mode}")
    };
    let made = async |text: &str, ca: Option<&str>, password: &str| {
        let address = Address::read(text).unwrap();
        let address = ca.map_or(Ok(address.clone()), |ca| address.trusting(ca.as_bytes())).unwrap();
        let address = address.with_password(password);
        let made = schema::init(&address, Layout::Index, false, Day::new(20_000)).await;
        made.map(|made| made.before).map_err(|error| error.to_string())
    };
    let (good, right) = (address("db.example", "verify-full"), ca.pem());
    let refused = made(&good, Some(&other.pem()), "swordfish").await.unwrap_err();
    assert!(refused.contains("certificate"), "another CA: {refused}");
    let stranger = address("db2.example", "verify-full");
    let refused = made(&stranger, Some(&right), "swordfish").await.unwrap_err();
    assert!(refused.contains("certificate"), "another name: {refused}");
    let strict = address("db2.example", "require");
    assert!(made(&strict, Some(&right), "swordfish").await.is_err(), "require is as strict");
    assert!(made(&good, None, "swordfish").await.is_err(), "no CA, no word");
    assert!(made(&good, Some(&right), "wrong").await.is_err());
    let clear = format!("postgres://vestibule@127.0.0.1:{port}/v");
    assert!(made(&clear, None, "swordfish").await.is_err(), "the server takes nothing in clear");
    assert_eq!(made(&good, Some(&right), "swordfish").await, Ok(0));
    assert_eq!(made(&good, Some(&right), "swordfish").await, Ok(schema::VERSION));
}
