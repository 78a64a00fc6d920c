//! The six languages of the screens: their names, their order of fallback, and which one a reader wants.

/// A language that every text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lang {
    Kk,
    Ru,
    Vi,
    ZhHans,
    ZhHant,
    En,
}

impl Lang {
    /// Every language, in the order of the chips.
    pub(crate) const ALL: [Self; 6] =
        [Self::Kk, Self::Ru, Self::Vi, Self::ZhHans, Self::ZhHant, Self::En];

    /// The tag for the `lang` attribute and the cookie.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Kk => "kk",
            Self::Ru => "ru",
            Self::Vi => "vi",
            Self::ZhHans => "zh-Hans",
            Self::ZhHant => "zh-Hant",
            Self::En => "en",
        }
    }

    /// Its name in itself.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::Kk => "Қазақша",
            Self::Ru => "Русский",
            Self::Vi => "Tiếng Việt",
            Self::ZhHans => "简体",
            Self::ZhHant => "繁體",
            Self::En => "English",
        }
    }

    /// Where a text is looked for: this language, then those that its readers most likely read.
    pub(crate) const fn chain(self) -> &'static [Self] {
        match self {
            Self::Kk => &[Self::Kk, Self::Ru, Self::En],
            Self::Ru => &[Self::Ru, Self::En],
            Self::Vi => &[Self::Vi, Self::En],
            Self::ZhHans => &[Self::ZhHans, Self::En],
            Self::ZhHant => &[Self::ZhHant, Self::ZhHans, Self::En],
            Self::En => &[Self::En],
        }
    }

    /// The language of the second line on a door's screen.
    pub(crate) const fn second(self) -> Self {
        match self {
            Self::Kk | Self::En => Self::Ru,
            Self::Ru => Self::Kk,
            Self::Vi | Self::ZhHans | Self::ZhHant => Self::En,
        }
    }

    /// By a language tag such as `ru-KZ` or `zh-TW`; `None` for languages that we do not write.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase();
        let mut parts = tag.split(['-', '_']);
        match parts.next()? {
            "kk" => Some(Self::Kk),
            "ru" => Some(Self::Ru),
            "vi" => Some(Self::Vi),
            "en" => Some(Self::En),
            "zh" if parts.any(|p| matches!(p, "hant" | "tw" | "hk" | "mo")) => Some(Self::ZhHant),
            "zh" => Some(Self::ZhHans),
            _ => None,
        }
    }

    /// The best of an `Accept-Language` header (RFC 9110, 12.5.4); `None` if it names none of ours.
    pub(crate) fn from_accept(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for item in header.split(',').take(32) {
            let mut parts = item.split(';');
            let Some(lang) = parts.next().and_then(Self::from_tag) else {
                continue;
            };
            let quality = parts
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            if quality > 0.0 && best.is_none_or(|(q, _)| quality > q) {
                best = Some((quality, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_the_world_find_our_languages() {
        let check = |tag: &str, lang| assert_eq!(Lang::from_tag(tag), lang, "{tag}");
        check("ru-KZ", Some(Lang::Ru));
        check("zh", Some(Lang::ZhHans));
        check("zh-CN", Some(Lang::ZhHans));
        check("zh-TW", Some(Lang::ZhHant));
        check("zh-Hant-HK", Some(Lang::ZhHant));
        check("de", None);
        check("", None);
        for lang in Lang::ALL {
            check(lang.tag(), Some(lang));
            assert_eq!(lang.chain()[0], lang);
            assert_eq!(lang.chain().last(), Some(&Lang::En));
            assert_ne!(lang.second(), lang);
        }
    }

    #[test]
    fn the_best_accepted_language_wins() {
        let check = |header: &str, lang| assert_eq!(Lang::from_accept(header), lang, "{header}");
        check("de, vi;q=0.8, en;q=0.9", Some(Lang::En));
        check("kk", Some(Lang::Kk));
        check("en;q=0, ru;q=0.1", Some(Lang::Ru));
        check("de, fr", None);
        check(";;q=x,,", None);
    }
}
