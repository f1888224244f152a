use super::*;

#[test]
fn the_code_of_an_end_is_a_status_or_none() {
    let cases = [
        (BodyEnd::Complete, 1),
        (BodyEnd::Lost, 2),
        (BodyEnd::Answered, 3),
        (BodyEnd::Refused(413), 413),
    ];
    for (end, code) in cases {
        assert_eq!(end.code(), code);
    }
}
