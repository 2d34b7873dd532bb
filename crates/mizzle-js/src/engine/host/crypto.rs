//! Random bytes and digests.

use super::text::bytes;
use super::{set, throw_coded};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use rquickjs::{Ctx, Object, Result, TypedArray};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// The maximum number of random bytes per call: far more than a key needs, far less than memory.
const MAX_RANDOM: f64 = 16_777_216.0;

pub(super) fn add<'js>(host: &Object<'js>) -> Result<()> {
    set(host, "random", |ctx: Ctx<'js>, size: f64| random(&ctx, size))?;
    set(host, "digest", |ctx: Ctx<'js>, name: String, key: Option<String>, data: String| {
        let key = key.map(|key| bytes(&key));
        match digest(&name, key.as_deref(), &bytes(&data)) {
            Some(digest) => TypedArray::<u8>::new_copy(ctx, digest),
            None => Err(throw_coded(&ctx, "ERR_CRYPTO_INVALID_DIGEST", "unknown digest")),
        }
    })
}

fn random<'js>(ctx: &Ctx<'js>, size: f64) -> Result<TypedArray<'js, u8>> {
    if !(0.0..=MAX_RANDOM).contains(&size) || size.fract() != 0.0 {
        let message =
            format!("the number of random bytes must be 0 to {MAX_RANDOM}, but is {size}");
        return Err(throw_coded(ctx, "ERR_OUT_OF_RANGE", &message));
    }
    let mut random = vec![0; size as usize];
    if let Err(error) = getrandom::fill(&mut random) {
        return Err(throw_coded(ctx, "ERR_CRYPTO_OPERATION_FAILED", &error.to_string()));
    }
    TypedArray::new_copy(ctx.clone(), random)
}

fn digest(name: &str, key: Option<&[u8]>, data: &[u8]) -> Option<Vec<u8>> {
    // A macro rather than a generic function: the bounds of `Hmac` are longer than this.
    macro_rules! of {
        ($algorithm:ty) => {
            match key {
                None => Some(<$algorithm>::digest(data).to_vec()),
                Some(key) => {
                    let mut mac = Hmac::<$algorithm>::new_from_slice(key).ok()?;
                    mac.update(data);
                    Some(mac.finalize().into_bytes().to_vec())
                }
            }
        };
    }
    match name {
        "md5" => of!(Md5),
        "sha1" => of!(Sha1),
        "sha224" => of!(Sha224),
        "sha256" => of!(Sha256),
        "sha384" => of!(Sha384),
        "sha512" => of!(Sha512),
        _ => None,
    }
}
