"""E-mail (.eml): subject, sender and date, and the text or HTML body; attachments are left out."""

from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from app.files.html_file import from_markup
from app.files.types import FileText, clean, unreadable

REMEDY = "Export the message again as .eml."


def read(content: bytes) -> list[FileText]:
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    if not any(name in message for name in ("From", "Subject", "Date", "To", "Message-ID")):
        raise unreadable("The file has no mail headers.", REMEDY)
    subject = _header(message, "Subject")
    return [FileText(_body(message) or subject, "text", subject, _header(message, "From"), _date(message))]


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(clean(str(message.get(name, ""))).split())


def _date(message: EmailMessage) -> datetime | None:
    try:
        date = parsedate_to_datetime(str(message.get("Date", "")))
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _body(message: EmailMessage) -> str:
    """The plain text if there is any, else the text of the HTML."""
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        if part is None:
            continue
        text = _content(part)
        readable = from_markup(text).text if kind == "html" else clean(text)
        if readable:
            return readable
    return ""


def _content(part: MIMEPart) -> str:
    try:
        content = part.get_content()
    except (LookupError, UnicodeError, ValueError) as error:
        raise unreadable("The text of the message is in an unknown encoding.", REMEDY) from error
    return content if isinstance(content, str) else ""
