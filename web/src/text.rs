//! The texts of the screens: Fluent messages in six languages, embedded, with their fallbacks.

use std::{fmt, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::language::Lang;

static TEXTS: LazyLock<Texts> = LazyLock::new(Texts::embedded);

struct Texts(Vec<(Lang, FluentBundle<FluentResource>)>);

/// The messages of one language: a file for each part of the pages, so that a new screen adds a file or touches one.
macro_rules! source {
    ($lang:literal: $($area:literal)*) => {
        concat!($(include_str!(concat!("../i18n/", $lang, "/", $area, ".ftl")), "\n"),*)
    };
    ($lang:literal) => {
        source!($lang: "common" "entry" "door" "desk" "staffdesk" "guard" "venue" "doors" "manager" "house" "accounts" "poster" "visitor" "authority" "store" "casework" "office" "links" "reach" "passkeys")
    };
}

/// The source of a language's messages.
const fn source(lang: Lang) -> &'static str {
    match lang {
        Lang::Kk => source!("kk"),
        Lang::Ru => source!("ru"),
        Lang::Vi => source!("vi"),
        Lang::ZhHans => source!("zh-Hans"),
        Lang::ZhHant => source!("zh-Hant"),
        Lang::En => source!("en"),
    }
}

impl Texts {
    fn embedded() -> Self {
        Self(Lang::ALL.map(|lang| (lang, bundle(lang))).into())
    }

    fn find(&self, lang: Lang, id: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        lang.chain().iter().find_map(|wanted| {
            let (_, bundle) = self.0.iter().find(|(lang, _)| lang == wanted)?;
            let pattern = bundle.get_message(id)?.value()?;
            let mut errors = Vec::new();
            let text = bundle.format_pattern(pattern, args, &mut errors);
            if !errors.is_empty() {
                tracing::error!(id, lang = wanted.tag(), "a text lacks an argument");
            }
            Some(text.into_owned())
        })
    }
}

/// A message that does not parse is left out, and then found missing by the tests below.
fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let locales = lang.tag().parse().map_or_else(|_| vec![], |id| vec![id]);
    let mut bundle = FluentBundle::new_concurrent(locales);
    bundle.set_use_isolating(false); // the marks would show up as boxes on small screens' fonts
    let resource = match FluentResource::try_new(source(lang).to_owned()) {
        Ok(resource) => resource,
        Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    bundle
}

impl Lang {
    /// The text of `id`.
    pub(crate) fn say(self, id: &str) -> String {
        self.find(id, None)
    }

    /// The text of `id` with a number: `$n`.
    pub(crate) fn count(self, id: &str, n: impl TryInto<i64>) -> String {
        let n = n.try_into().unwrap_or(i64::MAX);
        self.find(id, Some(&args(&[("n", n.into())])))
    }

    /// The text of `id` with one name or value: `$value`.
    pub(crate) fn fill(self, id: &str, value: impl fmt::Display) -> String {
        self.find(id, Some(&args(&[("value", value.to_string().into())])))
    }

    /// The text of `id` with named values.
    pub(crate) fn with(self, id: &str, values: &[(&'static str, String)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, value.as_str());
        }
        self.find(id, Some(&args))
    }

    /// The text of `id`, or `None` where no language has one: for words that others may add to.
    pub(crate) fn known(self, id: &str) -> Option<String> {
        TEXTS.find(self, id, None)
    }

    fn find(self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        TEXTS.find(self, id, args).unwrap_or_else(|| {
            tracing::error!(id, "no language has this text");
            id.to_owned()
        })
    }
}

fn args<'a>(values: &[(&'static str, FluentValue<'a>)]) -> FluentArgs<'a> {
    values.iter().map(|(name, value)| (*name, value.clone())).collect()
}

#[cfg(test)]
mod tests;
