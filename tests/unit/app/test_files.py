"""Files of every format give their text, and files that cannot be read say why and what to do."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UnsupportedMedia
from app.files import READERS, read_file
from app.files.json_file import readable_lines
from app.files.types import FileText
from memory.errors import InvalidInput
from tests.unit.app import make_files
from tests.unit.app.make_files import HERON

PAGE = f"""<!doctype html><html><head><title> Birds  of
the river </title><style>p {{ color: red }}</style></head><body><!-- a secret -->
<script>var hidden = 1;</script><h1>Birds</h1><p>{HERON}</p><p>A <b>second</b> one.<br>Next line.</p>
<table><tr><td>heron</td><td>mill</td></tr></table></body></html>"""


def only(name: str, content: bytes) -> FileText:
    texts = read_file(name, content)
    assert len(texts) == 1
    return texts[0]


def test_plain_text_is_kept_with_its_line_ends_made_uniform() -> None:
    assert only("a.txt", f"{HERON}\r\nSecond line.\r\n".encode()).text == f"{HERON}\nSecond line."


def test_markdown_takes_its_title_from_the_first_heading() -> None:
    found = only("a.MD", f"# Birds #\n\n{HERON}\n\n## Part\n".encode())
    assert (found.title, found.format) == ("Birds", "markdown")
    assert HERON in found.text


def test_markdown_without_a_leading_heading_has_no_title() -> None:
    assert only("a.md", f"{HERON}\n# Later\n".encode()).title == ""


def test_html_gives_what_a_reader_sees() -> None:
    found = only("a.html", PAGE.encode())
    assert found.title == "Birds of the river"
    assert HERON in found.text
    assert "A second one.\nNext line." in found.text
    assert "heron mill" in found.text
    assert not any(unseen in found.text for unseen in ("hidden", "secret", "color", "<"))


def test_pdf_gives_the_text_of_every_page_and_the_title() -> None:
    found = only("a.pdf", make_files.pdf(HERON, "On the second page."))
    assert found.title == "Birds"
    assert found.text.index(HERON) < found.text.index("On the second page.")


def test_docx_gives_paragraphs_and_tables_in_reading_order() -> None:
    found = only("a.docx", make_files.docx())
    assert found.title == "Birds"
    assert found.text == f"{HERON}\n\nbird | nests\nheron | mill\n\nAfter the table."


@pytest.mark.parametrize("html_only", [False, True])
def test_mail_gives_body_subject_sender_and_date(html_only: bool) -> None:
    found = only("a.eml", make_files.mail(html_only))
    assert found.text == HERON
    assert found.title == "The nest at the mill"
    assert found.source == "Mira Janssen <mira@example.org>"
    assert found.occurred_at == datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def test_mail_with_an_impossible_date_has_no_date() -> None:
    found = only("a.eml", b"From: a@example.org\nDate: Sun, 99 Foo 2026 99:99\n\nHello there.\n")
    assert found.occurred_at is None
    assert found.text == "Hello there."


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_gives_each_row_as_named_values(delimiter: str) -> None:
    rows = [["bird", "place"], ["heron", '"old mill"'], ["", ""], ["swift", ""]]
    content = "\n".join(delimiter.join(row) for row in rows).encode()
    assert only("a.csv", content).text == "bird: heron\nplace: old mill\n\nbird: swift"


def test_csv_keeps_line_breaks_and_delimiters_inside_quotes() -> None:
    assert only("a.csv", b'name,note\nMira,"one,\ntwo"\n').text == "name: Mira\nnote: one, two"


def test_json_becomes_readable_lines() -> None:
    content = b'{"name": "Mira", "address": {"city": "Ghent"}, "tags": ["a", "b"], "left": true, "none": null}'
    found = only("a.json", content)
    assert found.text == "name: Mira\naddress.city: Ghent\ntags: a\ntags: b\nleft: yes"
    assert found.format == "json"


def test_json_lines_are_one_document_a_line() -> None:
    texts = read_file("a.jsonl", b'{"text": "One."}\n\n"Two."\r\n')
    assert [found.text for found in texts] == ["text: One.", "Two."]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=4)))
def test_json_text_never_holds_what_a_database_refuses(value: object) -> None:
    text = readable_lines(value)  # type: ignore[arg-type]  # hypothesis cannot name the recursive type
    assert "\x00" not in text
    assert text == text.strip()


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8-sig", "Ärger im Büro"),
        ("utf-16", "Ärger im Büro"),
        ("latin-1", "Der Müller aß drei große Brötchen und ärgerte sich über das schlechte Wetter in Köln."),
        ("shift_jis", "これは日本語の文章です。川のほとりに古い水車小屋があります。"),
    ],
)
def test_text_is_decoded_whatever_its_encoding(encoding: str, text: str) -> None:
    assert only("a.txt", text.encode(encoding)).text == text


MALFORMED = {
    "empty.txt": b"",
    "blank.md": b" \n\t \n",
    "control.txt": b"\x01\x02\x03",
    "nul.txt": b"abc\x00def",
    "is_pdf.txt": make_files.pdf(HERON),
    "is_png.csv": b"\x89PNG\r\n\x1a\nrest",
    "cut_utf16.txt": "Ärger".encode("utf-16")[:-1],
    "only_script.html": b"<html><script>var a = 1</script></html>",
    "is_html.pdf": PAGE.encode(),
    "cut.pdf": make_files.pdf(HERON)[:400],
    "garbage.pdf": b"%PDF-1.7\n" + bytes(range(256)) * 20,
    "encrypted.pdf": make_files.encrypted_pdf("secret"),
    "images.pdf": make_files.pdf(""),
    "text.docx": HERON.encode(),
    "cut.docx": make_files.docx()[:2000],
    "bomb.docx": make_files.zip_bomb(),
    "not_mail.eml": b"\x00\x01 no headers at all",
    "no_columns.csv": b"a,b\n1,2,3\n",
    "quote.csv": b'a,b\n"1,2\n',
    "broken.json": b'{"a": ',
    "nan.json": b'{"a": NaN}',
    "deep.json": b"[" * 100_000 + b"]" * 100_000,
    "empty.json": b"{}",
    "broken.jsonl": b'{"a": 1}\nnot json\n',
    "many.jsonl": b'"a"\n' * 1001,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_file(name, MALFORMED[name])
    (problem,) = caught.value.problems
    assert problem.field == "file"
    assert problem.message
    assert problem.remedy


@pytest.mark.parametrize(
    ("name", "said"),
    [("encrypted.pdf", "encrypted"), ("images.pdf", "images"), ("bomb.docx", "unpacks"), ("broken.jsonl", "line 2")],
)
def test_the_reason_is_the_right_one(name: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_file(name, MALFORMED[name])


@pytest.mark.parametrize("name", ["photo.png", "noextension", "", "archive.tar.gz", ".pdf.exe"])
def test_an_unknown_extension_is_named_with_those_that_are_read(name: str) -> None:
    with pytest.raises(UnsupportedMedia, match=r"\.docx"):
        read_file(name, b"anything")


@given(st.sampled_from(sorted(READERS)), st.binary(max_size=300))
def test_no_bytes_break_a_reader(extension: str, content: bytes) -> None:
    try:
        texts = read_file(f"a{extension}", content)
    except InvalidInput:
        return
    assert all(found.text.strip() for found in texts)


@given(st.integers(0, 5000), st.integers(0, 255))
def test_no_damaged_byte_breaks_the_pdf_and_word_readers(position: int, byte: int) -> None:
    for name, sound in SOUND.items():
        damaged = bytearray(sound)
        damaged[position % len(sound)] = byte
        try:
            texts = read_file(name, bytes(damaged))
        except InvalidInput:
            continue
        assert all(found.text.strip() for found in texts)


SOUND = {"a.pdf": make_files.pdf(HERON), "a.docx": make_files.docx()}
