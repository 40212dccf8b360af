"""HTML: what a reader of the page would see, block by block."""

from bs4 import BeautifulSoup, Comment, Tag

from app.files.decoding import decode
from app.files.types import FileText, clean, unreadable

UNSEEN = ("script", "style", "noscript", "template", "svg", "iframe", "head")
BLOCKS = (
    "p",
    "div",
    "section",
    "article",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "table",
)


def read(content: bytes) -> list[FileText]:
    return [from_markup(decode(content))]


def from_markup(markup: str) -> FileText:
    """The text and the title of a page. Raises InvalidInput if there is no markup in it to speak of."""
    try:
        soup = BeautifulSoup(markup, "lxml")
    except (ValueError, RecursionError, AssertionError) as error:
        raise unreadable("The file cannot be read as HTML.", "Send it as .txt or correct its markup.") from error
    title = _words(soup.title) or _words(soup.h1)
    _drop_unseen(soup)
    for line_break in soup.find_all("br"):
        line_break.replace_with("\n")
    for block in soup.find_all(BLOCKS):
        block.insert_before("\n\n" if block.name != "tr" else "\n")
        block.insert_after("\n")
    for cell in soup.find_all(["td", "th"]):
        cell.insert_after(" ")
    return FileText(clean("\n".join(" ".join(line.split()) for line in soup.get_text().split("\n"))), title=title)


def _words(tag: Tag | None) -> str:
    return " ".join(tag.get_text(" ").split()) if tag else ""


def _drop_unseen(soup: BeautifulSoup) -> None:
    for tag in soup.find_all(UNSEEN):
        tag.decompose()
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
