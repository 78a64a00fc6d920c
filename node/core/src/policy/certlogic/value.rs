//! What a rule computes with: JSON by reference, times, and what is truthy.

use std::rc::Rc;

use serde_json::{Map, Number, Value as Json};

use super::{
    evaluate::{EvaluationError, Meter},
    times,
};

/// The deepest nesting of a list that a rule may build.
const LISTS_DEPTH_MAX: u8 = 64;
/// The largest integer that every implementation of the language tells from its neighbours: 2^53 - 1.
const INTEGER_MAX: i64 = (1 << 53) - 1;

/// A value; lists that a rule builds are shared, not copied.
#[derive(Clone, Debug)]
pub(super) enum Value<'d> {
    Null,
    Bool(bool),
    Integer(i64),
    Text(&'d str),
    Time(i64),
    List(Rc<List<'d>>),
    /// What `reduce` hands to its lambda.
    Fold(Rc<Fold<'d>>),
    /// A list, an object or a fraction of the facts.
    Json(&'d Json),
}

#[derive(Debug)]
pub(super) struct List<'d> {
    items: Vec<Value<'d>>,
    depth: u8,
}

#[derive(Debug)]
pub(super) struct Fold<'d> {
    accumulator: Value<'d>,
    current: Value<'d>,
    depth: u8,
}

/// A number of JSON as an integer, if it is one, `3.0` too.
pub(super) fn integer(number: &Number) -> Option<i64> {
    let exact = number.as_i64().or_else(|| {
        let fraction = number.as_f64().filter(|f| f.fract() == 0.0)?;
        // The cast is exact within the bound.
        #[allow(clippy::cast_possible_truncation, reason = "bounded in the same line")]
        (fraction.abs() <= 9_007_199_254_740_991.0).then_some(fraction as i64)
    })?;
    (-INTEGER_MAX..=INTEGER_MAX).contains(&exact).then_some(exact)
}

impl<'d> Value<'d> {
    pub(super) fn of(json: &'d Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(truth) => Self::Bool(*truth),
            Json::String(text) => Self::Text(text),
            Json::Number(number) => integer(number).map_or(Self::Json(json), Self::Integer),
            Json::Array(_) | Json::Object(_) => Self::Json(json),
        }
    }

    pub(super) fn list(items: Vec<Self>) -> Result<Self, EvaluationError> {
        let depth = deeper(items.iter())?;
        Ok(Self::List(Rc::new(List { items, depth })))
    }

    pub(super) fn fold(accumulator: Self, current: Self) -> Result<Self, EvaluationError> {
        let depth = deeper([&accumulator, &current].into_iter())?;
        Ok(Self::Fold(Rc::new(Fold { accumulator, current, depth })))
    }

    fn depth(&self) -> u8 {
        match self {
            Self::List(list) => list.depth,
            Self::Fold(fold) => fold.depth,
            _ => 0,
        }
    }

    /// What a part of a path leads to.
    pub(super) fn part(&self, name: &str) -> Self {
        match self {
            Self::Json(Json::Object(object)) => object.get(name).map_or(Self::Null, Self::of),
            Self::Json(Json::Array(items)) => place(name, items).map_or(Self::Null, Self::of),
            Self::List(list) => place(name, &list.items).cloned().unwrap_or(Self::Null),
            Self::Fold(fold) => match name {
                "accumulator" => fold.accumulator.clone(),
                "current" => fold.current.clone(),
                _ => Self::Null,
            },
            _ => Self::Null,
        }
    }

    /// Its items, if it is a list.
    pub(super) fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::Json(Json::Array(items)) => Some(items.iter().map(Self::of).collect()),
            Self::List(list) => Some(list.items.clone()),
            _ => None,
        }
    }

    /// Whether it is truthy; `None` for what is neither truthy nor falsy.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Null => Some(false),
            Self::Bool(truth) => Some(*truth),
            Self::Integer(number) => Some(*number != 0),
            Self::Text(text) => Some(!text.is_empty()),
            Self::List(list) => Some(!list.items.is_empty()),
            Self::Fold(_) => Some(true),
            Self::Json(Json::Array(items)) => Some(!items.is_empty()),
            Self::Json(Json::Object(object)) => Some(!object.is_empty()),
            Self::Time(_) | Self::Json(_) => None,
        }
    }

    /// Whether both hold the same; each part that is compared is a step.
    pub(super) fn same(&self, other: &Self, meter: &mut Meter) -> Result<bool, EvaluationError> {
        meter.step()?;
        Ok(match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Integer(a), Self::Integer(b)) | (Self::Time(a), Self::Time(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Json(a), Self::Json(b)) => {
                meter.steps(parts_of(a))?;
                a == b
            }
            _ => match (self.items(), other.items()) {
                (Some(a), Some(b)) if a.len() == b.len() => {
                    for (a, b) in a.iter().zip(&b) {
                        if !a.same(b, meter)? {
                            return Ok(false);
                        }
                    }
                    true
                }
                _ => false,
            },
        })
    }

    /// As JSON; each part that is written is a step.
    pub(super) fn to_json(&self, meter: &mut Meter) -> Result<Json, EvaluationError> {
        meter.step()?;
        Ok(match self {
            Self::Null => Json::Null,
            Self::Bool(truth) => Json::Bool(*truth),
            Self::Integer(number) => Json::from(*number),
            Self::Text(text) => Json::from(*text),
            Self::Time(at) => Json::from(times::write(*at)),
            Self::List(list) => {
                Json::Array(list.items.iter().map(|v| v.to_json(meter)).collect::<Result<_, _>>()?)
            }
            Self::Fold(fold) => Json::Object(Map::from_iter([
                ("accumulator".to_owned(), fold.accumulator.to_json(meter)?),
                ("current".to_owned(), fold.current.to_json(meter)?),
            ])),
            Self::Json(json) => {
                meter.steps(parts_of(json))?;
                (*json).clone()
            }
        })
    }
}

fn deeper<'v, 'd: 'v>(parts: impl Iterator<Item = &'v Value<'d>>) -> Result<u8, EvaluationError> {
    let depth = parts.map(Value::depth).max().unwrap_or(0) + 1;
    if depth > LISTS_DEPTH_MAX { Err(EvaluationError::TooLong) } else { Ok(depth) }
}

/// Indices are digits; `-1` and names lead nowhere in a list.
fn place<'a, T>(name: &str, items: &'a [T]) -> Option<&'a T> {
    items.get(name.parse::<usize>().ok()?)
}

fn parts_of(json: &Json) -> u32 {
    let inner = |parts: &mut dyn Iterator<Item = &Json>| {
        parts.fold(1u32, |sum, part| sum.saturating_add(parts_of(part)))
    };
    match json {
        Json::Array(items) => inner(&mut items.iter()),
        Json::Object(object) => inner(&mut object.values()),
        _ => 1,
    }
}
