use super::*;

#[test]
fn chronicle_compiles() {
    if let Err(error) = load("chronicle", &Overrides::default()) {
        panic!("{error}");
    }
}
