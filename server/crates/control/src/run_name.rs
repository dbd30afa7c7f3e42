//! Random names for runs that the client creates without one: an adjective and an animal.

use crate::ids::Ids;

const ADJECTIVES: [&str; 64] = [
    "agile", "amber", "ardent", "bold", "brave", "breezy", "bright", "brisk", "calm", "candid", "cheery", "civil",
    "clever", "copper", "cosy", "crisp", "daring", "deft", "eager", "early", "fair", "fleet", "fond", "frank", "fresh",
    "gentle", "glad", "golden", "grand", "hardy", "hasty", "honest", "humble", "jolly", "keen", "kind", "lively",
    "loyal", "lucid", "mellow", "merry", "mild", "modest", "neat", "nimble", "noble", "patient", "placid", "plucky",
    "polite", "proud", "quick", "quiet", "ready", "robust", "sage", "sharp", "steady", "sturdy", "sunny", "tidy",
    "true", "vivid", "witty",
];

const ANIMALS: [&str; 64] = [
    "adder", "alpaca", "badger", "bat", "bear", "beaver", "bison", "bittern", "boar", "bustard", "buzzard", "carp",
    "cat", "chough", "cod", "coot", "crane", "curlew", "deer", "dipper", "dormouse", "dove", "eagle", "eel", "egret",
    "falcon", "ferret", "finch", "fox", "gannet", "goat", "goose", "grebe", "hare", "hawk", "hedgehog", "heron",
    "jackdaw", "kestrel", "kite", "lapwing", "lark", "linnet", "lynx", "marten", "mole", "newt", "otter", "owl",
    "oyster", "perch", "pike", "plover", "puffin", "raven", "robin", "seal", "shrew", "stoat", "swift", "teal", "toad",
    "trout", "wren",
];

/// A random name such as `steady-heron`.
pub(crate) fn random_run_name(ids: &Ids) -> String {
    format!("{}-{}", ADJECTIVES[ids.below(ADJECTIVES.len())], ANIMALS[ids.below(ANIMALS.len())])
}
