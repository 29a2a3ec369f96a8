//! Prices.

use super::decimal::{canonical, shifted};
use super::{Reader, Value};

impl Reader<'_> {
    /// `€4.80`, `EUR 4.80`, `4.80 EUR`, `4,80 €`, `4€80`, `4,- €`, `80 cents`, `nine euros`.
    pub(super) fn price(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        if let Some((currencies, next)) = self.currency(at) {
            let amount = self.amount(next).filter(|amount| !amount.in_words)?;
            return Some((money(&currencies, &amount.value), amount.next));
        }
        let amount = self.amount(at)?;
        let mut next = amount.next;
        if self.text(next) == "," && self.text(next + 1) == "-" && self.is_tight(next + 1) {
            next += 2;
        } else {
            next = self.skip_tight(next, &["-"]);
        }
        let (currencies, after) = self.currency(next)?;
        let cents =
            self.whole(after, 2).filter(|_| self.is_tight(after) && self.is_tight(next) && self.text(after).len() == 2);
        match cents {
            Some(_) if !amount.value.contains('.') => {
                Some((money(&currencies, &canonical(&amount.value, self.text(after))), after + 1))
            }
            _ => Some((money(&currencies, &amount.value), after)),
        }
    }

    /// The currencies that stand here could mean, and what comes next.
    fn currency(&self, at: usize) -> Option<(Vec<&'static str>, usize)> {
        let token = self.token(at)?;
        let dollar = |prefix: &str| match prefix {
            "us" => Some("USD"),
            "a" | "au" => Some("AUD"),
            "c" | "ca" => Some("CAD"),
            "nz" => Some("NZD"),
            "hk" => Some("HKD"),
            "s" => Some("SGD"),
            _ => None,
        };
        if self.text(at + 1) == "$"
            && self.is_tight(at + 1)
            && let Some(code) = dollar(&token.text)
        {
            return Some((vec![code], at + 2));
        }
        currencies(&token.text, token.upper).map(|codes| (codes.to_vec(), at + 1))
    }

    pub(super) fn half_price(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        if !matches!(self.text(at), "half" | "halber" | "halben" | "halbe") {
            return None;
        }
        let next = self.skip_tight(at + 1, &["-"]);
        matches!(self.text(next), "price" | "priced" | "off" | "preis")
            .then(|| (vec![Value::Word("half price".into())], next + 1))
    }
}

const CENTS: [&str; 6] = ["EUR", "USD", "AUD", "CAD", "NZD", "SGD"];

/// The codes that a sign, a code or a name stands for. Codes that are words in lower case count in upper case alone.
pub(super) fn currencies(word: &str, upper: bool) -> Option<&'static [&'static str]> {
    Some(match word {
        "€" | "eur" | "euro" | "euros" => &["EUR"],
        "$" | "usd" | "dollar" | "dollars" | "bucks" => &["USD"],
        "£" | "gbp" | "pound" | "pounds" | "quid" => &["GBP"],
        "¥" => &["JPY", "CNY"],
        "jpy" | "yen" => &["JPY"],
        "cny" | "yuan" => &["CNY"],
        "₹" | "inr" | "rupee" | "rupees" => &["INR"],
        "chf" | "franken" | "francs" => &["CHF"],
        "kr" | "kronor" | "kroner" => &["SEK", "NOK", "DKK"],
        "pln" | "zloty" | "zl" => &["PLN"],
        "czk" => &["CZK"],
        "huf" => &["HUF"],
        "aud" => &["AUD"],
        "nzd" => &["NZD"],
        "brl" => &["BRL"],
        "mxn" => &["MXN"],
        "zar" => &["ZAR"],
        "krw" | "₩" => &["KRW"],
        "₺" => &["TRY"],
        "₽" => &["RUB"],
        "₪" => &["ILS"],
        "₴" => &["UAH"],
        "₿" | "btc" => &["BTC"],
        "sek" if upper => &["SEK"],
        "nok" if upper => &["NOK"],
        "dkk" => &["DKK"],
        "cad" if upper => &["CAD"],
        "cent" | "cents" | "¢" | "ct" => &["cent"],
        "pence" => &["pence"],
        _ => return None,
    })
}

fn money(currencies: &[&'static str], value: &str) -> Vec<Value> {
    match currencies {
        ["cent"] => CENTS.iter().map(|code| Value::Money(code, shifted(value, -2))).collect(),
        ["pence"] => vec![Value::Money("GBP", shifted(value, -2))],
        codes => codes.iter().map(|code| Value::Money(code, value.into())).collect(),
    }
}
