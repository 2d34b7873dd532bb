//! URLs, parsed by the `url` crate.

use super::set;
use rquickjs::{Object, Result};
use std::path::Path;
use url::{Url, form_urlencoded, quirks};

pub(super) fn add<'js>(host: &Object<'js>) -> Result<()> {
    set(host, "parseUrl", |input: String, base: Option<String>| parse(&input, base.as_deref()))?;
    set(host, "setUrl", |href: String, part: String, value: String| change(&href, &part, &value))?;
    set(host, "parseQuery", |query: String| -> Vec<Vec<String>> {
        form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| vec![name.into_owned(), value.into_owned()])
            .collect()
    })?;
    set(host, "formatQuery", |pairs: Vec<Vec<String>>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for pair in &pairs {
            if let [name, value] = pair.as_slice() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    })?;
    set(host, "pathToUrl", |path: String| Url::from_file_path(path).ok().map(String::from))?;
    set(host, "urlToPath", |href: String| {
        let path = Url::parse(&href).ok()?.to_file_path().ok()?;
        Some(dunce::simplified(Path::new(&path)).to_string_lossy().into_owned())
    })
}

/// Returns the parts of a URL in the order that the prelude expects; `None` if it is invalid.
fn parse(input: &str, base: Option<&str>) -> Option<Vec<String>> {
    let url = match base {
        Some(base) => Url::parse(base).ok()?.join(input).ok()?,
        None => Url::parse(input).ok()?,
    };
    Some(parts(&url))
}

fn parts(url: &Url) -> Vec<String> {
    vec![
        quirks::href(url).to_owned(),
        quirks::protocol(url).to_owned(),
        quirks::username(url).to_owned(),
        quirks::password(url).to_owned(),
        quirks::host(url).to_owned(),
        quirks::hostname(url).to_owned(),
        quirks::port(url).to_owned(),
        quirks::pathname(url).to_owned(),
        quirks::search(url).to_owned(),
        quirks::hash(url).to_owned(),
        quirks::origin(url),
    ]
}

/// Returns the parts of the URL after a change. Setters ignore invalid values, except that of
/// `href`.
fn change(href: &str, part: &str, value: &str) -> Option<Vec<String>> {
    let mut url = Url::parse(href).ok()?;
    let ignored = match part {
        "href" => return quirks::set_href(&mut url, value).ok().map(|()| parts(&url)),
        "protocol" => quirks::set_protocol(&mut url, value),
        "username" => quirks::set_username(&mut url, value),
        "password" => quirks::set_password(&mut url, value),
        "host" => quirks::set_host(&mut url, value),
        "hostname" => quirks::set_hostname(&mut url, value),
        "port" => quirks::set_port(&mut url, value),
        "pathname" => {
            quirks::set_pathname(&mut url, value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, value);
            Ok(())
        }
        _ => {
            quirks::set_hash(&mut url, value);
            Ok(())
        }
    };
    let _ = ignored;
    Some(parts(&url))
}
