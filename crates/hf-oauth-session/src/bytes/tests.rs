use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn whatever_is_written_is_read_again(
        number: u64, time: i64, text in ".*", id in "[0-9a-f]{24}|.*", token in "[A-Za-z0-9_.-]{0,80}|.*",
    ) {
        let mut writer = Writer::new();
        writer.number(number);
        writer.time(time);
        writer.text(&text);
        writer.optional_text(None);
        writer.optional_text(Some(&text));
        writer.id(&id);
        writer.token(&token);
        let bytes = writer.into_bytes();
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(reader.number(), Some(number));
        prop_assert_eq!(reader.time(), Some(time));
        prop_assert_eq!(reader.text(), Some(text.as_str()));
        prop_assert_eq!(reader.optional_text(), Some(None));
        prop_assert_eq!(reader.optional_text(), Some(Some(text)));
        prop_assert_eq!(reader.id(), Some(id));
        let read = reader.token();
        prop_assert_eq!(read.as_ref().map(Secret::expose), Some(token.as_str()));
        prop_assert!(reader.is_at_end());
    }

    #[test]
    fn foreign_bytes_do_not_panic(bytes: Vec<u8>) {
        let _ = Reader::new(&bytes).token();
        let _ = Reader::new(&bytes).id();
        let _ = Reader::new(&bytes).text();
        let _ = Reader::new(&bytes).number();
    }
}

#[test]
fn tokens_are_written_as_they_lie_in_peoples_cookies() {
    let written = |token: &str| {
        let mut writer = Writer::new();
        writer.token(token);
        writer.into_bytes().to_vec()
    };
    assert_eq!(written(""), [1, 0]);
    assert_eq!(written("."), [2, 0, 0]);
    assert_eq!(written("Az-_"), [1, 4, 0x03, 0x3f, 0xbf]);
    assert_eq!(written("hf_a.B9.c"), [3, 4, 0x85, 0xff, 0xda, 2, 0x07, 0xd0, 1, 0x70]);
    assert_eq!(written("a b"), [0, 3, b'a', b' ', b'b']);
    assert_eq!(written("ab="), [0, 3, b'a', b'b', b'=']);
}

#[test]
fn every_character_of_base64url_and_no_other_is_six_bits() {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for byte in 0..=u8::MAX {
        let place = alphabet.iter().position(|known| *known == byte);
        assert_eq!(six_bits(byte).map(usize::from), place, "{byte}");
    }
}

#[test]
fn what_outgrows_its_room_is_moved_by_us_and_not_by_vec() {
    type Write = fn(&mut Writer);
    let last: [(Write, &[u8]); 4] = [
        (|writer| writer.byte(7), &[7]),
        (|writer| writer.text("ab"), &[2, b'a', b'b']),
        (|writer| writer.token("AB"), &[1, 2, 0x00, 0x10]),
        (|writer| writer.bits().put(0x3ff, 10), &[0xff, 0xc0]),
    ];
    for (write, written) in last {
        for free in 0..written.len() {
            let mut writer = Writer::new();
            writer.bytes(&vec![5; ROOM - free]);
            assert_eq!(writer.0.capacity(), ROOM);
            write(&mut writer);
            assert_eq!(writer.0.capacity(), ROOM * GROWTH, "Vec itself would double it");
            assert!(writer.0[..ROOM - free].iter().all(|byte| *byte == 5));
            assert_eq!(&writer.0[ROOM - free..], written);
        }
    }
    let mut writer = Writer::new();
    writer.byte(1);
    writer.bytes(&vec![5; ROOM * 9]);
    assert_eq!((writer.0.len(), writer.0.capacity()), (ROOM * 9 + 1, ROOM * 9 + 1));
}

#[test]
fn a_token_takes_three_quarters_of_its_characters() {
    let mut writer = Writer::new();
    writer.token(&format!("hf_oauth_{}.{}.{}", "a".repeat(40), "b".repeat(1_300), "c".repeat(49)));
    assert!(writer.0.len() <= 1_400 * 3 / 4 + 8, "{}", writer.0.len());
}
