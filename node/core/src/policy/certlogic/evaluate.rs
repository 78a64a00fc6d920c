//! The evaluation of a rule's tree over facts: pure, and bounded by a meter of steps.

use serde_json::Value as Json;

use super::{Expression, Order, STEPS_MAX, TimeUnit, times, value::Value};

/// What UVCIs may begin with; it is no part of them.
const UVCI_PREFIX: &str = "URN:UVCI:";

/// Why a rule came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// What decides is neither truthy nor falsy, a time for one.
    #[error("a condition is neither truthy nor falsy")]
    NoTruth,
    /// `in` or `reduce` over something else than a list.
    #[error("an operand is no list")]
    NoList,
    /// An operand that must be an integer is none.
    #[error("an operand is no integer")]
    NoInteger,
    /// An operand that must be a text is none.
    #[error("an operand is no text")]
    NoText,
    /// An operand that must be a time is none: only `plusTime` and `dccDateOfBirth` make times.
    #[error("an operand is no time")]
    NoTime,
    /// A text that is no date and no date-time.
    #[error("a text is no date or time of the allowed forms")]
    BadTime,
    /// A sum or a time beyond what can be counted.
    #[error("a number or a time is out of range")]
    OutOfRange,
    /// More than [`STEPS_MAX`] steps, or lists in lists without end.
    #[error("it takes more than {STEPS_MAX} steps")]
    TooLong,
}

/// How many steps are left.
#[derive(Debug)]
pub(super) struct Meter(u32);

impl Meter {
    pub(super) fn step(&mut self) -> Result<(), EvaluationError> {
        self.steps(1)
    }

    pub(super) fn steps(&mut self, count: u32) -> Result<(), EvaluationError> {
        self.0 = self.0.checked_sub(count).ok_or(EvaluationError::TooLong)?;
        Ok(())
    }
}

pub(super) fn to_json(rule: &Expression, data: &Json) -> Result<Json, EvaluationError> {
    let mut meter = Meter(STEPS_MAX);
    let value = evaluate(rule, &Value::of(data), &mut meter)?;
    value.to_json(&mut meter)
}

pub(super) fn to_truth(rule: &Expression, data: &Json) -> Result<bool, EvaluationError> {
    let value = evaluate(rule, &Value::of(data), &mut Meter(STEPS_MAX))?;
    match value {
        Value::Bool(truth) => Ok(truth),
        _ => Err(EvaluationError::NoTruth),
    }
}

fn evaluate<'d>(
    rule: &'d Expression,
    data: &Value<'d>,
    meter: &mut Meter,
) -> Result<Value<'d>, EvaluationError> {
    meter.step()?;
    let mut of = |part: &'d Expression| evaluate(part, data, meter);
    Ok(match rule {
        Expression::Bool(truth) => Value::Bool(*truth),
        Expression::Integer(number) => Value::Integer(*number),
        Expression::Text(text) => Value::Text(text),
        Expression::List(items) => Value::list(items.iter().map(of).collect::<Result<_, _>>()?)?,
        Expression::Var(path) => path.iter().fold(data.clone(), |at, name| at.part(name)),
        Expression::If(parts) => {
            let [guard, then, otherwise] = &**parts;
            if truth(&of(guard)?)? { of(then)? } else { of(otherwise)? }
        }
        Expression::And(operands) => all(operands, of)?,
        Expression::Same(pair) => {
            let (left, right) = (of(&pair[0])?, of(&pair[1])?);
            Value::Bool(left.same(&right, meter)?)
        }
        Expression::In(pair) => {
            let (sought, list) = (of(&pair[0])?, of(&pair[1])?);
            Value::Bool(is_in(&sought, &list, meter)?)
        }
        Expression::Plus(pair) => {
            let sum = integer(&of(&pair[0])?)?.checked_add(integer(&of(&pair[1])?)?);
            Value::Integer(sum.ok_or(EvaluationError::OutOfRange)?)
        }
        Expression::Compare(order, operands) => {
            let numbers = operands.iter().map(|part| integer(&of(part)?));
            Value::Bool(in_order(*order, &numbers.collect::<Result<Vec<_>, _>>()?))
        }
        Expression::CompareTimes(order, operands) => {
            let times = operands.iter().map(|part| match of(part)? {
                Value::Time(at) => Ok(at),
                _ => Err(EvaluationError::NoTime),
            });
            Value::Bool(in_order(*order, &times.collect::<Result<Vec<_>, _>>()?))
        }
        Expression::Not(part) => Value::Bool(!truth(&of(part)?)?),
        Expression::PlusTime(part, amount, unit) => plus_time(&of(part)?, *amount, *unit)?,
        Expression::Reduce(parts) => reduce(parts, data, meter)?,
        Expression::ExtractFromUvci(part, place) => fragment(&of(part)?, *place)?,
        Expression::DateOfBirth(part) => {
            let at = times::birth(text(&of(part)?)?).ok_or(EvaluationError::BadTime)?;
            Value::Time(at)
        }
    })
}

/// The first falsy operand, or the last; what follows a falsy one is not evaluated.
fn all<'d>(
    operands: &'d [Expression],
    mut of: impl FnMut(&'d Expression) -> Result<Value<'d>, EvaluationError>,
) -> Result<Value<'d>, EvaluationError> {
    let mut last = Value::Bool(true);
    for (place, operand) in operands.iter().enumerate() {
        last = of(operand)?;
        // The last may be neither: it is the answer, not a condition.
        if place + 1 < operands.len() && !truth(&last)? {
            break;
        }
    }
    Ok(last)
}

fn is_in(sought: &Value<'_>, list: &Value<'_>, meter: &mut Meter) -> Result<bool, EvaluationError> {
    for item in list.items().ok_or(EvaluationError::NoList)? {
        if sought.same(&item, meter)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn in_order(order: Order, numbers: &[i64]) -> bool {
    numbers.windows(2).all(|pair| order.holds(pair[0], pair[1]))
}

fn plus_time<'d>(
    of: &Value<'_>,
    amount: i64,
    unit: TimeUnit,
) -> Result<Value<'d>, EvaluationError> {
    let from = times::read(text(of)?).ok_or(EvaluationError::BadTime)?;
    times::plus(from, amount, unit).map(Value::Time).ok_or(EvaluationError::OutOfRange)
}

/// A left fold; the lambda sees `accumulator` and `current` alone. Over `null` it is the initial value.
fn reduce<'d>(
    parts: &'d [Expression; 3],
    data: &Value<'d>,
    meter: &mut Meter,
) -> Result<Value<'d>, EvaluationError> {
    let [operand, lambda, initial] = parts;
    let operand = evaluate(operand, data, meter)?;
    let mut accumulator = evaluate(initial, data, meter)?;
    if matches!(operand, Value::Null) {
        return Ok(accumulator);
    }
    for current in operand.items().ok_or(EvaluationError::NoList)? {
        accumulator = evaluate(lambda, &Value::fold(accumulator, current)?, meter)?;
    }
    Ok(accumulator)
}

/// A fragment of a vaccination's id, counted from 0 and parted by `/`, `#` or `:`; null where there is none.
fn fragment<'d>(of: &Value<'d>, place: i64) -> Result<Value<'d>, EvaluationError> {
    let uvci = match of {
        Value::Null => return Ok(Value::Null),
        Value::Text(text) => *text,
        _ => return Err(EvaluationError::NoText),
    };
    let bare = uvci.strip_prefix(UVCI_PREFIX).unwrap_or(uvci);
    let found = usize::try_from(place).ok().and_then(|n| bare.split(['/', '#', ':']).nth(n));
    Ok(found.map_or(Value::Null, Value::Text))
}

fn truth(value: &Value<'_>) -> Result<bool, EvaluationError> {
    value.truth().ok_or(EvaluationError::NoTruth)
}

fn integer(value: &Value<'_>) -> Result<i64, EvaluationError> {
    match value {
        Value::Integer(number) => Ok(*number),
        _ => Err(EvaluationError::NoInteger),
    }
}

fn text<'d>(value: &Value<'d>) -> Result<&'d str, EvaluationError> {
    match value {
        Value::Text(text) => Ok(text),
        _ => Err(EvaluationError::NoText),
    }
}
