// A program under test for `ecpure vectors`, by the crate openssl. It answers requests, one JSON object a line.
//
//     cargo init --name program && cp program.rs src/main.rs
//     cargo add hex openssl serde_json && cargo build --release
//     ecpure vectors --only verify --only sign --nonces any --command target/release/program
//
// The crate needs OpenSSL's headers: Debian's libssl-dev and pkg-config. --nonces any, since OpenSSL draws its nonces.
// Replace the functions `verify` and `sign` by calls of your own library. docs/vectors.md has all operations; a program
// answers "unsupported" for those it does not do, and --only leaves them out.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::{hash, MessageDigest};
use openssl::nid::Nid;
use serde_json::{json, Value};
use std::io::{self, BufRead, Write};

const HALF: usize = 29; // octets of r, s and d

// Octets are lower-case hex in requests and answers.
fn octets(request: &Value, name: &str) -> Vec<u8> {
    hex::decode(request[name].as_str().unwrap_or("")).unwrap_or_default()
}

fn digest(request: &Value) -> Result<Vec<u8>, ErrorStack> {
    let kind = match request["hash"].as_str() {
        Some("sha224") => MessageDigest::sha224(),
        Some("sha256") => MessageDigest::sha256(),
        Some("sha384") => MessageDigest::sha384(),
        Some("sha512") => MessageDigest::sha512(),
        Some("sha3_224") => MessageDigest::sha3_224(),
        Some("sha3_256") => MessageDigest::sha3_256(),
        Some("sha3_384") => MessageDigest::sha3_384(),
        _ => MessageDigest::sha3_512(),
    };
    Ok(hash(kind, &octets(request, "message"))?.to_vec())
}

// The public key is 04 || x || y; the signature DER, or r || s at 29 + 29 octets (p1363). With low_s, s above n/2 is
// invalid, which OpenSSL accepts.
fn verify(group: &EcGroup, request: &Value) -> Result<bool, ErrorStack> {
    let mut context = BigNumContext::new()?;
    let point = EcPoint::from_bytes(group, &octets(request, "public_key"), &mut context)?;
    let key = EcKey::from_public_key(group, &point)?;
    let given = octets(request, "signature");
    let signature = if request["format"] == "der" {
        let signature = EcdsaSig::from_der(&given)?;
        if signature.to_der()? != given {
            return Ok(false); // octets behind it, which from_der passes over
        }
        signature
    } else if given.len() == 2 * HALF {
        EcdsaSig::from_private_components(
            BigNum::from_slice(&given[..HALF])?,
            BigNum::from_slice(&given[HALF..])?,
        )?
    } else {
        return Ok(false);
    };
    let mut n = BigNum::new()?;
    group.order(&mut n, &mut context)?;
    let mut twice = BigNum::new()?;
    twice.lshift1(signature.s())?;
    if request["low_s"] == true && twice > n {
        return Ok(false);
    }
    signature.verify(&digest(request)?, &key)
}

// The nonce is drawn; there is no place for extra_entropy. Of s and n - s the lower one is to be taken with low_s.
fn sign(group: &EcGroup, request: &Value) -> Result<String, ErrorStack> {
    let mut context = BigNumContext::new()?;
    let d = BigNum::from_slice(&octets(request, "private_key"))?;
    let mut point = EcPoint::new(group)?;
    point.mul_generator(group, &d, &mut context)?;
    let key = EcKey::from_private_components(group, &d, &point)?;
    let signature = EcdsaSig::sign(&digest(request)?, &key)?;
    let (mut n, mut other) = (BigNum::new()?, BigNum::new()?);
    group.order(&mut n, &mut context)?;
    other.checked_sub(&n, signature.s())?;
    let is_other = request["low_s"] == true && other < *signature.s();
    let s = if is_other {
        other.to_vec_padded(HALF as i32)?
    } else {
        signature.s().to_vec_padded(HALF as i32)?
    };
    Ok(hex::encode(signature.r().to_vec_padded(HALF as i32)?) + &hex::encode(s))
}

fn answer(group: &EcGroup, request: &Value) -> Value {
    match (request["operation"].as_str(), request["curve"].as_str()) {
        (Some("version"), _) => {
            json!({"result": "valid", "version": openssl::version::version()})
        } // asked once
        (Some("verify"), Some("secp224k1")) => match verify(group, request) {
            Ok(true) => json!({"result": "valid"}),
            _ => json!({"result": "invalid"}),
        },
        (Some("sign"), Some("secp224k1")) => match sign(group, request) {
            Ok(signature) => json!({"result": "valid", "signature": signature}),
            Err(_) => json!({"result": "invalid"}),
        },
        _ => json!({"result": "unsupported"}),
    }
}

fn main() -> io::Result<()> {
    let group = EcGroup::from_curve_name(Nid::SECP224K1).expect("OpenSSL has secp224k1");
    let mut out = io::stdout();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let mut answered = answer(&group, &request);
        answered["id"] = request["id"].clone(); // with its id, and flushed after each line
        writeln!(out, "{answered}")?;
        out.flush()?;
    }
    Ok(())
}
