//! Read which metrics are written, and refuse those that the task, or the rest of the file, leaves without a value.

use super::{Result, named_once};
use crate::metrics::{Choice, DEFAULT, Metric, family, top};
use crate::notation::{Mistake, Node, Options};
use crate::tasks::Kind;

/// The field `metrics` of `measure`.
pub(super) fn read(parts: &Options<'_>, kind: Kind, draws: u32) -> Result<Choice> {
    let Some(field) = parts.get("metrics") else {
        return Ok(Choice::default());
    };
    let names: Vec<String> = field.value.read()?;
    let items = field.value.items().unwrap_or_default();
    if names.is_empty() {
        let mistake = Mistake::new("at least one metric must be written").at(field.value.span());
        return Err(mistake.help(format!("`[\"{DEFAULT}\"]` are those of a file that does not choose")));
    }
    for (i, (name, item)) in names.iter().zip(&items).enumerate() {
        known(name, item)?;
        applies(name, kind, item)?;
        if name.starts_with("estimator") && draws == 0 {
            let mistake = Mistake::new(format!("`{name}` needs `draws`")).at(item.span());
            return Err(mistake.help("say how many proposals are drawn, such as `draws: 100`"));
        }
        named_once("metric", &names[..=i], &items)?;
    }
    let usual = names.iter().position(|name| name == DEFAULT);
    let is_usual = |name: &String| Metric::all().any(|metric| metric.name == name && metric.is_usual());
    let idle = names.iter().position(is_usual);
    if let (Some(usual), Some(idle)) = (usual, idle) {
        let mistake = Mistake::new(format!("`{}` has no effect", names[idle])).at(items[idle].span());
        return Err(mistake
            .mark(items[usual].span(), "it is among these")
            .help("leave it out"));
    }
    let choice = Choice::of(names);
    if draws > 0 && !choice.writes_any(|metric| metric.name.starts_with("estimator")) {
        let mistake = Mistake::new("`draws` has no effect").at(parts.place("draws"));
        return Err(mistake
            .mark(field.value.span(), "no metric of estimators is among these")
            .help("leave it out, or name one, such as `\"estimator_bias\"`"));
    }
    Ok(choice)
}

/// Refuses what is no name of a metric, or not the name that it is chosen by.
fn known(name: &str, item: &Node<'_>) -> Result<()> {
    let family = family(name);
    let names = || Metric::all().map(|metric| metric.name).chain([DEFAULT]);
    if name == DEFAULT || (name == family && family != "top_accuracy" && names().any(|known| known == name)) {
        return Ok(());
    }
    if family == "top_accuracy" && name.starts_with(family) {
        return match top(name) {
            Some(k) if k > 0 && name == format!("top_accuracy({k})") => Ok(()),
            _ => {
                let mistake = Mistake::new("`top_accuracy` needs a number from 1").at(item.span());
                Err(mistake.help("such as `\"top_accuracy(5)\"`: the class is among the five best guesses"))
            }
        };
    }
    if names().any(|known| known == family) {
        let mistake = Mistake::new(format!("`{name}` is written along with `{family}`")).at(item.span());
        return Err(mistake.help(format!("write `\"{family}\"`")));
    }
    let expected = names().map(|name| match name {
        "top_accuracy" => "top_accuracy(5)",
        name => name,
    });
    Err(Mistake::new(format!("unknown metric `{name}`"))
        .at(item.span())
        .label(format!("expected {}", crate::notation::list(expected.clone())))
        .suggest(name, expected))
}

/// Refuses what a task of this kind has not.
fn applies(name: &str, kind: Kind, item: &Node<'_>) -> Result<()> {
    let fault = |title: String, help: &str| Err(Mistake::new(title).at(item.span()).help(help));
    match kind {
        Kind::Values(_) if family(name).ends_with("accuracy") => fault(
            format!("there is no `{name}` where the targets are values"),
            "write `\"loss\"`, or `\"r2\"`, the share of variance that is explained",
        ),
        Kind::Classes(_) | Kind::Single if name == "r2" => fault(
            "there is no `r2` where the targets are classes".into(),
            "write `\"accuracy\"` or `\"balanced_accuracy\"`",
        ),
        Kind::Classes(_) | Kind::Single => {
            let classes = kind.outputs().max(2);
            match top(name) {
                Some(k) if k >= classes => fault(
                    format!("`{name}` is always 1 where there are {classes} classes"),
                    "use a smaller number, or leave it out",
                ),
                _ => Ok(()),
            }
        }
        Kind::Values(_) => Ok(()),
    }
}
